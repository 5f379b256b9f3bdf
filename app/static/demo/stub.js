window.whograph = window.whograph || { waiting: [] };
["init", "track", "page", "identify", "reset"].forEach(function (name) {
  whograph[name] = whograph[name] || function () {
    var given = arguments;
    return new Promise(function (resolve) { whograph.waiting.push([name, given, resolve]); });
  };
});
whograph.ready = whograph.ready || new Promise(function (resolve) { whograph.waiting.push(["ready", [], resolve]); });
