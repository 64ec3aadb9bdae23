// Sessions of other provinces: SESSION@CODE here, SESSION at their home. Read from this hub, written there.
//
//   learnHome("210000", "https://…")     from the snapshot of a stage, and from /api/setup
//   farOf("S01@210000") = {id: "S01", code: "210000", home: "https://…", or "" while unknown}; null for our own
//   addressOf(session, "/hls/")          where it is asked for
//   houseOf(session)                     where all else of its house is asked for: a base address, "" for our own; null while
//                                        it is unknown
//   homeOf(command)                      the same as farOf() for a command: by its session, or by an application
//                                        that was received there (receivedFar), which this device keeps
//   appliedIn()                          codes of the provinces with such an application

import { keep } from "./keep.js";

const KEPT = "far";
const MOST = 200;
const FAR = /^(.+)@([0-9]{6})$/;
const homes = new Map();
const applications = new Map(keep.get(KEPT) || []);

export function learnHome(code, url) {
  if (url) homes.set(code, url);
}

export function farOf(session) {
  const found = FAR.exec(session || "");
  return found && { id: found[1], code: found[2], home: homes.get(found[2]) || "" };
}

export function receivedFar(application, code) {
  if (applications.get(application) === code) return;
  applications.set(application, code);
  keep.set(KEPT, [...applications].slice(-MOST));
}

export function appliedIn() {
  return [...new Set(applications.values())];
}

export function homeOf({ session, application }) {
  const code = applications.get(application);
  return farOf(session) || (code ? { code, home: homes.get(code) || "" } : null);
}

export function houseOf(session) {
  const far = farOf(session);
  return far ? far.home || null : "";
}

export function addressOf(session, path) {
  const far = farOf(session);
  return far ? `${far.home}${path}${encodeURIComponent(far.id)}` : `${path}${encodeURIComponent(session)}`;
}
