
"use strict";
if (location.hash.length > 1) {
  for (const link of document.querySelectorAll("a.open")) {
    link.href = "mimamori://" + location.host + "/enrol" + location.hash;
    link.hidden = false;
  }
}
