
"use strict";
{
  const PERIOD = 5000;
  const PATIENCE = 10000;
  const here = new URL(location.href);
  here.searchParams.set("format", "html");
  here.hash = "";

  const element = (id) => document.getElementById(id);
  const [pause, lost] = [element("pause"), element("lost")];
  let asking = false;
  let paused = false;
  let timer;

  // Makes `held` equal to `wanted` and touches nothing that is equal, so that focus, selection and open details stay.
  function become(held, wanted) {
    if (held.nodeType !== Node.ELEMENT_NODE) {
      if (held.nodeValue !== wanted.nodeValue) held.nodeValue = wanted.nodeValue;
      return;
    }
    for (const { name } of [...held.attributes]) {
      if (name !== "open" && !wanted.hasAttribute(name)) held.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
      if (held.getAttribute(name) !== value) held.setAttribute(name, value);
    }
    let at = held.firstChild;
    for (const child of [...wanted.childNodes]) {
      // A check keeps its element wherever it moves to; all else is known by its place.
      const same = child.id ? element(child.id) : at && !at.id && at.nodeName === child.nodeName ? at : null;
      if (same) become(same, child);
      const placed = same ?? document.importNode(child, true);
      if (placed === at) at = at.nextSibling;
      else held.insertBefore(placed, at);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  // What the reader looks at stays where it is on the screen, whatever comes, grows or goes above it.
  function inPlace(change) {
    const focused = document.activeElement;
    const top = (check) => check.getBoundingClientRect().top;
    const seen = [...document.querySelectorAll(".check")]
      .filter((check) => scrollY > 0 && top(check) >= 0)
      .map((check) => ({ check, at: top(check), look: check.className }));
    change();
    const still = seen.find(({ check, look }) => check.isConnected && check.className === look);
    if (still) scrollBy(0, top(still.check) - still.at);
    // An element that moves loses the focus.
    if (focused.isConnected) focused.focus({ preventScroll: true });
  }

  function show(page) {
    if (!page.getElementById("state")) throw new Error("not our page");
    document.title = page.title;
    for (const id of ["tab", "state", "now", "main", "foot"]) {
      const [held, wanted] = [element(id), page.getElementById(id)];
      if (held && wanted) become(held, wanted);
      // This reader may see less than before.
      else held?.remove();
    }
  }

  function lose(is) {
    const text = is ? `No answer since ${element("now").textContent}. What stands here is from then.` : "";
    if (lost.textContent !== text) lost.textContent = text;
    document.documentElement.classList.toggle("lost", is);
    if (is) document.title = "No answer";
  }

  async function refresh() {
    clearTimeout(timer);
    if (asking || paused || document.visibilityState === "hidden") return;
    asking = true;
    try {
      const answer = await fetch(here, {
        headers: { Accept: "text/html" },
        cache: "no-store",
        signal: AbortSignal.timeout(PATIENCE),
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      inPlace(() => show(page));
      lose(false);
    } catch {
      lose(true);
    }
    asking = false;
    clearTimeout(timer);
    timer = setTimeout(refresh, PERIOD);
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Refresh again" : "Pause refresh";
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  timer = setTimeout(refresh, PERIOD);
}
