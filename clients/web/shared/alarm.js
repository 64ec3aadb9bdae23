// A noise that is heard across a hall, for what a host must not miss while looking elsewhere. It ends by itself.
//
//   useAlarm(text)     sounds while `text` is not empty, half a minute at most for each text

import { useEffect } from "./components.js";

const EVERY_MS = 2_500;
const FOR_MS = 30_000;
const NOTES = [
  [880, 0],
  [660, 0.22],
];
const NOTE_S = 0.18;
const LOUD = 0.25;

function beep(context) {
  for (const [pitch, after_s] of NOTES) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = LOUD;
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + after_s);
    tone.stop(context.currentTime + after_s + NOTE_S);
  }
}

export function useAlarm(text) {
  useEffect(() => {
    if (!text || !globalThis.AudioContext) return undefined;
    const context = new AudioContext();
    const end = Date.now() + FOR_MS;
    const sound = () => {
      if (Date.now() < end) beep(context);
      // Refused, with a line on the console, before the page was ever touched.
      const may = navigator.vibrate && navigator.userActivation?.hasBeenActive !== false;
      if (may && Date.now() < end) navigator.vibrate([200, 100, 200]);
    };
    sound();
    const timer = setInterval(sound, EVERY_MS);
    return () => {
      clearInterval(timer);
      context.close().catch(() => undefined);
    };
  }, [text]);
}
