// Socket.IO on node, websocket transport only, its in-memory adapter: `join` and `to(room).emit`.
// Usage: node socketio.mjs MODULES. Prints its port.
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { Server } = require("socket.io");

const server = http.createServer((request, response) => {
  const room = request.url.split("/").pop();
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    io.to(room).emit("m", Buffer.concat(parts).toString());
    response.end("ok");
  });
});
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    socket.join(String(room));
    done();
  });
});
server.keepAliveTimeout = 600_000;
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => console.log(`port ${server.address().port}`));
