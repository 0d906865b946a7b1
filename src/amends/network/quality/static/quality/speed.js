// The speed test: place in the queue, latency, download, upload, result; the streams run in a worker.
"use strict";

const PROTOCOL = "net.measurementlab.ndt.v7";
const HISTORY = "amends-speed-tests";
const TRY_AGAIN_LATER = 1013;
const PROBE_MS = 100;
const CURVE_POINTS = 40;
const page = document.getElementById("speed");
const form = document.getElementById("speed-form");
const by = (name) => document.getElementById(name);
const number = new Intl.NumberFormat(document.documentElement.lang, {maximumFractionDigits: 1});

if (form) {
  const words = JSON.parse(by("speed-words").textContent);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    test(words);
  });
  by("speed-forget").addEventListener("click", () => {
    localStorage.removeItem(HISTORY);
    showHistory();
  });
  guessNetwork();
  showHistory();
  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(page.dataset.serviceWorker).catch(() => {});
  }
}

async function test(words) {
  const button = by("speed-start");
  button.disabled = true;
  by("speed-problem").hidden = true;
  const say = (text) => { by("speed-phase").textContent = text; };
  const curve = {download: [], upload: []};
  for (const direction of ["download", "upload"]) draw(direction, curve[direction]);
  let control;
  try {
    say(words.connecting);
    const streams = by("parallel").checked ? 4 : 1;
    const answer = await fetch(`${page.dataset.locate}?streams=${streams}`);
    const located = await answer.json();
    if (!answer.ok) throw new Error(located.what);
    const skew = (Date.now() - Date.parse(located.now)) / 1000;
    const urls = (path) => located.results.map(({urls: some}) => (
      some[Object.keys(some).find((key) => key.endsWith(path))]));
    control = await admitted(urls("/amends/v1/control")[0], (before) => {
      say(words.waiting.replace("{count}", before));
    });
    say(words.latency);
    const idle = [];
    for (let probe = 0; probe < 10; probe += 1) idle.push(await roundTrip(control));
    show("speed-idle", `${number.format(Math.min(...idle))} ms`);
    const loaded = [];
    const results = [];
    for (const direction of ["download", "upload"]) {
      say(words[direction]);
      results.push(...await direct(direction, urls(`/${direction}`), control, loaded, curve[direction]));
    }
    say(words.saving);
    const network = by("network").value;
    const conditions = {
      other_traffic: by("traffic").checked, vpn: by("vpn").checked, clock_skew_s: skew,
      promised: Number((by("promised") || {}).value) || 0, network,
    };
    if (network) conditions.wired = network === "cable";
    const kept = await fetch(page.dataset.submit, {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({
        results, loaded_ms: loaded, conditions, curve, campaign: page.dataset.campaign || "",
        area: (by("area") || {}).value || "",
      }),
    });
    const document_ = await kept.json();
    if (!kept.ok) throw new Error(document_.what);
    remember(document_, curve);
    location.assign(document_.url);
  } catch (error) {
    by("speed-problem").textContent = error.message || words.failed;
    by("speed-problem").hidden = false;
    say("");
  } finally {
    if (control) control.close();
    button.disabled = false;
    button.textContent = words.again;
  }

  function admitted(url, tell) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, PROTOCOL);
      socket.onmessage = ({data}) => {
        const said = JSON.parse(data).Amends;
        if (said.Go) resolve(socket);
        else tell(said.Before);
      };
      socket.onerror = () => reject(new Error(words.failed));
      socket.onclose = ({code}) => reject(new Error(code === TRY_AGAIN_LATER ? words.full : words.failed));
    });
  }

  function direct(direction, urls, control_, loaded, points) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(page.dataset.worker);
      let over = false;
      const probing = (async () => {
        while (!over) {
          await new Promise((next) => { setTimeout(next, PROBE_MS); });
          const trip = await roundTrip(control_);
          if (!over) loaded.push(trip);
          show("speed-loaded", `${number.format(median(loaded))} ms`);
        }
      })();
      worker.onmessage = ({data}) => {
        if (data.kind === "progress") {
          points.push(data.mbps);
          gauge(data.mbps);
          draw(direction, points);
          show(`speed-${direction}`, `${number.format(mean(points.slice(4)) || data.mbps)} Mbit/s`);
          return;
        }
        over = true;
        worker.terminate();
        if (data.kind === "done") {
          const second = new Promise((next) => { setTimeout(next, 1000); });
          Promise.race([probing, second]).then(() => resolve(data.results));
        }
        else reject(new Error(words.failed));
      };
      worker.onerror = () => {
        over = true;
        reject(new Error(words.failed));
      };
      worker.postMessage({direction, urls});
    });
  }
}

function roundTrip(socket) {
  return new Promise((resolve) => {
    const began = performance.now();
    socket.onmessage = () => resolve(performance.now() - began);
    socket.send('{"Echo":1}');
  });
}

function show(name, text) {
  by(name).textContent = text;
}

// Logarithmic from 1 Mbit/s to 1 Gbit/s.
function gauge(mbps) {
  const share = Math.min(Math.max(Math.log10(Math.max(mbps, 1)) / 3, 0), 1) * 100;
  by("speed-arc").setAttribute("stroke-dasharray", `${share ? share.toFixed(1) : 0} 100`);
  show("speed-now", number.format(mbps));
}

function draw(direction, points) {
  const most = Math.max(...points, 1);
  by(`speed-curve-${direction}`).setAttribute("points", points.map(
    (mbps, at) => `${(at * 400 / CURVE_POINTS).toFixed(1)},${(78 - mbps * 74 / most).toFixed(1)}`,
  ).join(" "));
}

function mean(some) {
  return some.length ? some.reduce((sum, one) => sum + one, 0) / some.length : 0;
}

function median(some) {
  return [...some].sort((one, other) => one - other)[Math.floor(some.length / 2)] || 0;
}

function guessNetwork() {
  const known = {ethernet: "cable", wifi: "wifi", cellular: "mobile"};
  const given = navigator.connection && known[navigator.connection.type];
  if (given) by("network").value = given;
}

function history_() {
  try {
    return JSON.parse(localStorage.getItem(HISTORY)) || [];
  } catch {
    return [];
  }
}

function remember(kept, curve) {
  const entry = {
    url: kept.url, at: Date.now(),
    down: mean(curve.download.slice(4)), up: mean(curve.upload.slice(4)),
  };
  localStorage.setItem(HISTORY, JSON.stringify([entry, ...history_()].slice(0, 50)));
}

function showHistory() {
  const some = history_();
  const day = new Intl.DateTimeFormat(document.documentElement.lang, {dateStyle: "medium", timeStyle: "short"});
  by("speed-history").hidden = !some.length;
  by("speed-list").replaceChildren(...some.map((one) => {
    const link = document.createElement("a");
    link.href = one.url;
    link.append(day.format(one.at), ` · ${number.format(one.down)} / ${number.format(one.up)} Mbit/s`);
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
}
