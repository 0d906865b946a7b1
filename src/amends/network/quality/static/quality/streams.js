// A worker: the streams of one direction, each an ndt7 connection of its own.
//   in   {direction, urls}
//   out  {kind: "progress", mbps} every quarter second, {kind: "done", results}, {kind: "failed"}
// A download is counted here, an upload by the server's messages: by who receives.
"use strict";

const PROTOCOL = "net.measurementlab.ndt.v7";
const EVERY_MS = 250;
const TEST_MS = 10000;
const FIRST = 1 << 13;
const LARGEST = 1 << 20;

self.onmessage = ({data}) => run(data.direction, data.urls);

function run(direction, urls) {
  const results = [];
  const received = urls.map(() => 0);
  let open = urls.length;
  let failed = false;
  let last = 0;
  let then = performance.now();
  const ticking = setInterval(() => {
    const now = performance.now();
    const total = received.reduce((sum, one) => sum + one, 0);
    self.postMessage({kind: "progress", mbps: Math.max(total - last, 0) * 0.008 / (now - then)});
    [last, then] = [total, now];
  }, EVERY_MS);

  const fail = () => {
    if (failed) return;
    failed = true;
    clearInterval(ticking);
    self.postMessage({kind: "failed"});
  };

  urls.forEach((url, stream) => {
    const socket = new WebSocket(url, PROTOCOL);
    socket.binaryType = "arraybuffer";
    let result = "";
    socket.onmessage = ({data}) => {
      if (typeof data !== "string") {
        received[stream] += data.byteLength;
        return;
      }
      const said = JSON.parse(data);
      if (direction === "upload" && said.AppInfo) received[stream] = said.AppInfo.NumBytes;
      if (said.Amends && said.Amends.Result) result = said.Amends.Result;
    };
    if (direction === "upload") socket.onopen = () => upload(socket);
    socket.onclose = () => {
      if (!result) {
        fail();
        return;
      }
      results.push(result);
      open -= 1;
      if (open || failed) return;
      clearInterval(ticking);
      self.postMessage({kind: "done", results});
    };
  });
}

// Random bytes: what a path could compress would show more than the line carries.
function random(size) {
  const block = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) {
    crypto.getRandomValues(block.subarray(at, Math.min(at + 65536, size)));
  }
  return block;
}

function upload(socket) {
  const end = performance.now() + TEST_MS;
  let block = random(FIRST);
  let sent = 0;
  const next = new MessageChannel();
  next.port1.onmessage = () => {
    if (socket.readyState !== WebSocket.OPEN || performance.now() >= end) return;
    if (socket.bufferedAmount < 4 * block.length) {
      socket.send(block);
      sent += block.length;
      if (block.length < LARGEST && block.length < (sent - socket.bufferedAmount) / 16) {
        block = random(block.length * 2);
      }
      next.port2.postMessage(0);
    } else {
      setTimeout(() => next.port2.postMessage(0), 0);
    }
  };
  next.port2.postMessage(0);
}
