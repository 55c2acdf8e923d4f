
"use strict";
{
  const REFRESH_INTERVAL = 5000;
  const FETCH_TIMEOUT = 10000;
  const url = new URL(location.href);
  url.searchParams.set("format", "html");
  url.hash = "";

  const element = (id) => document.getElementById(id);
  const [pause, connection] = [element("pause"), element("connection")];
  let fetching = false;
  let paused = false;
  let timer;

  // Makes `current` equal to `next` and changes only what differs, so that focus, selection and open details are kept.
  function morph(current, next) {
    if (current.nodeType !== Node.ELEMENT_NODE) {
      if (current.nodeValue !== next.nodeValue) current.nodeValue = next.nodeValue;
      return;
    }
    for (const { name } of [...current.attributes]) {
      if (name !== "open" && !next.hasAttribute(name)) current.removeAttribute(name);
    }
    for (const { name, value } of next.attributes) {
      if (current.getAttribute(name) !== value) current.setAttribute(name, value);
    }
    let child = current.firstChild;
    for (const nextChild of [...next.childNodes]) {
      // An element with an id, such as a check, is matched by it wherever it moves to. Other nodes are matched by position.
      const samePlace = child && !child.id && child.nodeName === nextChild.nodeName ? child : null;
      const match = nextChild.id ? element(nextChild.id) : samePlace;
      if (match) morph(match, nextChild);
      const node = match ?? document.importNode(nextChild, true);
      if (node === child) child = child.nextSibling;
      else current.insertBefore(node, child);
    }
    while (child) {
      const removed = child;
      child = child.nextSibling;
      removed.remove();
    }
  }

  // Keeps the checks that are on the screen at their position while checks above them are added, changed or removed.
  function keepScroll(update) {
    const focused = document.activeElement;
    const top = (check) => check.getBoundingClientRect().top;
    const visible = [...document.querySelectorAll(".check")]
      .filter((check) => scrollY > 0 && top(check) >= 0)
      .map((check) => ({ check, topBefore: top(check), classBefore: check.className }));
    update();
    const anchor = visible.find(({ check, classBefore }) => check.isConnected && check.className === classBefore);
    if (anchor) scrollBy(0, top(anchor.check) - anchor.topBefore);
    // An element that is moved loses the focus.
    if (focused.isConnected) focused.focus({ preventScroll: true });
  }

  function show(page) {
    if (!page.getElementById("state")) throw new Error("unexpected response");
    document.title = page.title;
    for (const id of ["favicon", "state", "now", "main", "footer"]) {
      const [current, next] = [element(id), page.getElementById(id)];
      if (current && next) morph(current, next);
      // The response may show less than before.
      else current?.remove();
    }
  }

  function setConnectionLost(lost) {
    const text = lost ? `Connection lost at ${element("now").textContent}; showing the last known state.` : "";
    if (connection.textContent !== text) connection.textContent = text;
    document.documentElement.classList.toggle("lost", lost);
    if (lost) document.title = "Connection lost";
  }

  async function refresh() {
    clearTimeout(timer);
    if (fetching || paused || document.visibilityState === "hidden") return;
    fetching = true;
    try {
      const response = await fetch(url, {
        headers: { Accept: "text/html" },
        cache: "no-store",
        signal: AbortSignal.timeout(FETCH_TIMEOUT),
      });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      keepScroll(() => show(page));
      setConnectionLost(false);
    } catch {
      setConnectionLost(true);
    }
    fetching = false;
    clearTimeout(timer);
    timer = setTimeout(refresh, REFRESH_INTERVAL);
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume refresh" : "Pause refresh";
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  timer = setTimeout(refresh, REFRESH_INTERVAL);
}
