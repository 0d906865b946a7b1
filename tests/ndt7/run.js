// Runs the unmodified client in Node, which lacks the Worker and WebSocket of browsers:
//   node run.js FOLDER_OF_NODE_MODULES CONFIGURATION_AS_JSON
// Prints one JSON document: rc, last measurements, messages of the server by direction.
'use strict';
const path = require('path');
const {Worker: Thread} = require('worker_threads');

const [modules, configuration] = process.argv.slice(2);
const client = path.join(modules, '@m-lab', 'ndt7', 'src');
const inThread = `
  const {parentPort, workerData} = require('worker_threads');
  global.WebSocket = require(workerData.ws);
  global.self = global;
  global.postMessage = (data) => parentPort.postMessage(data);
  parentPort.on('message', (data) => global.onmessage({data}));
  require(workerData.file);
`;

global.Worker = class {
  constructor(file) {
    this.thread = new Thread(inThread, {
      eval: true,
      workerData: {file, ws: path.join(modules, 'ws')},
    });
    this.thread.on('message', (data) => this.onmessage({data}));
    this.thread.on('error', (error) => this.onmessage({data: {MsgType: 'error', Error: String(error)}}));
  }
  postMessage(data) { this.thread.postMessage(data); }
  terminate() { this.thread.terminate(); }
};

const ndt7 = require(path.join(client, 'ndt7.js'));
const found = {messages: {download: 0, upload: 0}};
const counting = (direction) => ({Source}) => {
  if (Source === 'server') found.messages[direction] += 1;
};
ndt7.test({
  mlabDataPolicyInapplicable: true,
  downloadworkerfile: path.join(client, 'ndt7-download-worker.js'),
  uploadworkerfile: path.join(client, 'ndt7-upload-worker.js'),
  ...JSON.parse(configuration),
}, {
  error: (error) => { found.error = String(error); },
  downloadMeasurement: counting('download'),
  uploadMeasurement: counting('upload'),
  downloadComplete: (last) => { found.download = last; },
  uploadComplete: (last) => { found.upload = last; },
}).then((rc) => {
  console.log(JSON.stringify({rc, ...found}));
  process.exit(0);
});
