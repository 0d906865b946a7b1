{% load static %}// Keeps the shell of the speed test: styles and scripts. Pages and figures come from the network.
"use strict";
const CACHE = "speed-{% static 'quality/speed.js' %}";
const SHELL = [
  "{% static 'amends/css/tokens.css' %}", "{% static 'amends/css/base.css' %}",
  "{% static 'amends/css/controls.css' %}", "{% static 'amends/css/display.css' %}",
  "{% static 'amends/css/public.css' %}", "{% static 'quality/speed.css' %}",
  "{% static 'quality/speed.js' %}", "{% static 'quality/streams.js' %}", "{% static 'quality/share.js' %}",
  "{% static 'amends/js/page.js' %}", "{% static 'amends/logo.svg' %}",
];
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(
    names.filter((name) => name.startsWith("speed-") && name !== CACHE).map((name) => caches.delete(name)),
  )));
});
self.addEventListener("fetch", (event) => {
  if (SHELL.includes(new URL(event.request.url).pathname)) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
