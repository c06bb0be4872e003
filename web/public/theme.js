// Before the first paint: a theme that someone chose by hand wins over the system's.
(function () {
  try {
    var chosen = localStorage.getItem('theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch (e) {
    // Storage may be forbidden; the system's theme is then the one.
  }
})();
