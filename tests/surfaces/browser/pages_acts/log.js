// Tells the test's server, by beacon: no act waits for that.
window.tell = line => navigator.sendBeacon('/log', line);
for (const kind of ['click', 'dblclick', 'contextmenu', 'change'])
  document.addEventListener(kind, event => { if (event.target.id) tell(`${kind} ${event.target.id}`); });
