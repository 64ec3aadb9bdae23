// ws on node: rooms are sets of sockets, and a message is `send` to each, as the library's own example broadcasts.
// Usage: node ws.mjs MODULES   (MODULES: the node_modules directory). Prints its port.
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { WebSocketServer } = require("ws");
const rooms = new Map();

const server = http.createServer((request, response) => {
  const room = request.url.split("/").pop();
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const text = Buffer.concat(parts);
    for (const socket of rooms.get(room) ?? []) socket.send(text, { binary: false });
    response.end("ok");
  });
});
const doors = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
doors.on("connection", (socket, request) => {
  const room = request.url.split("/").pop();
  if (!rooms.has(room)) rooms.set(room, new Set());
  rooms.get(room).add(socket);
  socket.on("error", () => {});
  socket.on("close", () => rooms.get(room).delete(socket));
});
server.keepAliveTimeout = 600_000;
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => console.log(`port ${server.address().port}`));
