// Chooses the reader's own time zone where the one that was proposed has other clocks than his.
"use strict";

(() => {
  const zone = document.getElementById("zone");
  const at = document.getElementById("at");
  if (!zone || !at || document.querySelector(".fault")) return;
  const proposed = zone.selectedOptions[0];
  const ahead = -new Date().getTimezoneOffset();
  const before = Number(proposed.dataset.ahead);
  const own = [...zone.options].find((option) => Number(option.dataset.ahead) === ahead);
  if (!own || before === ahead) return;
  // The same moment as was proposed, on the reader's clocks.
  const moved = new Date(Date.parse(`${at.value}Z`) + (ahead - before) * 60_000);
  zone.value = own.value;
  at.value = moved.toISOString().slice(0, 16);
})();
