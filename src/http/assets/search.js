/**
 * The search page's script: suggestions while typing, "near me", and the map drawn from the points in the list.
 * The page says everything without it. Loaded at the end of parsing (defer); Leaflet, where there is anything to draw, before it.
 */
"use strict";
(() => {
  const field = document.querySelector("input[data-suggest]");
  const form = field?.form;
  if (field) suggestTo(field);
  if (form && "geolocation" in navigator && window.isSecureContext) offerNearMe(form);
  const ground = document.querySelector(".map-ground");
  if (ground && window.L) drawMap(ground, window.L);

  /** A list of suggestions beneath the field, asked for when typing pauses. */
  function suggestTo(input) {
    const list = document.createElement("datalist");
    list.id = "suggestions";
    input.after(list);
    input.setAttribute("list", list.id);
    let waiting;
    let asking;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      asking?.abort();
      const text = input.value.trim();
      if (text.length < 2 || text.length > 100) return;
      waiting = setTimeout(() => void ask(text), 180);
    });
    async function ask(text) {
      asking = new AbortController();
      try {
        const answer = await fetch(`${input.dataset.suggest}?${new URLSearchParams({ q: text, limit: "8" })}`, { signal: asking.signal });
        if (answer.ok) show((await answer.json()).suggestions);
      } catch (error) {
        // Stopped by the next letter; or there is no connection, and the field works as before without them.
        if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
      }
    }
    function show(items) {
      const seen = new Set();
      const fresh = items.filter(({ text }) => !seen.has(text) && seen.add(text));
      list.replaceChildren(...fresh.map(({ text }) => Object.assign(document.createElement("option"), { value: text })));
    }
  }

  /** A button that asks the browser where it is, and searches there, nearest first. About a hundred metres is near enough. */
  function offerNearMe(target) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "near-me", textContent: "Near me" });
    const said = Object.assign(document.createElement("span"), { className: "quiet" });
    said.setAttribute("role", "status");
    button.addEventListener("click", () => {
      said.textContent = " Finding where you are …";
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          set("near", `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`);
          set("sort", "distance");
          target.requestSubmit();
        },
        () => (said.textContent = " Your browser did not say where you are."),
        { maximumAge: 300000, timeout: 15000 },
      );
    });
    target.querySelector(".more").append(button, said);
    function set(name, value) {
      const input =
        target.elements.namedItem(name) ?? target.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
      input.value = value;
    }
  }

  /** One marker a venue, with its events in a popup; list and map lead to each other. */
  function drawMap(element, L) {
    const section = element.closest(".map");
    section.hidden = false;
    for (const link of document.querySelectorAll(".to-map")) link.hidden = false;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const touch = matchMedia("(pointer: coarse)").matches;
    const { tiles, attribution } = element.dataset;
    const map = L.map(element, {
      scrollWheelZoom: false,
      // At the bottom, since popups open upwards and lie beneath the controls.
      zoomControl: false,
      // One finger scrolls the page; two move the map.
      dragging: !touch,
      worldCopyJump: true,
      attributionControl: Boolean(tiles),
      ...(still && { zoomAnimation: false, fadeAnimation: false, markerZoomAnimation: false, inertia: false }),
    });
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", "Map of the places in this list");
    L.control.zoom({ position: "bottomright" }).addTo(map);
    L.control.scale().addTo(map);
    if (tiles) {
      map.attributionControl.setPrefix(false);
      const credit = document.createElement("span");
      credit.textContent = attribution;
      L.tileLayer(tiles, { attribution: credit.innerHTML, maxZoom: 19 }).addTo(map);
    }
    const venues = new Map();
    for (const item of document.querySelectorAll(".hits [data-latitude]")) {
      const { latitude, longitude, venue, place } = item.dataset;
      const key = venue || `${latitude} ${longitude}`;
      const known = venues.get(key);
      if (known) known.items.push(item);
      else venues.set(key, { at: L.latLng(Number(latitude), Number(longitude)), place, items: [item] });
    }
    // Markers have elements, and points on the screen, only once the map has a view.
    map.fitBounds(L.latLngBounds([...venues.values()].map(({ at }) => at)), {
      paddingTopLeft: [30, 30],
      paddingBottomRight: [45, 60],
      maxZoom: 15,
      animate: false,
    });
    const layer = L.layerGroup().addTo(map);
    let pins = [];
    map.on("zoomend", draw);
    draw();
    for (const item of document.querySelectorAll(".hits [data-latitude]")) leadToMap(item);
    element.addEventListener("keydown", ({ key }) => key === "Escape" && map.closePopup());

    /** One pin for each venue, and one for venues that would lie on each other at this zoom. */
    function draw() {
      const focused = pins.find(({ marker }) => marker.getElement() === document.activeElement)?.venues[0];
      const groups = [];
      for (const venue of venues.values()) {
        const point = map.latLngToLayerPoint(venue.at);
        const near = groups.find((group) => group.point.distanceTo(point) < 36);
        if (near) near.venues.push(venue);
        else groups.push({ point, venues: [venue] });
      }
      layer.clearLayers();
      pins = groups.map((group) => ({ venues: group.venues, marker: pin(group.venues) }));
      pinOf(({ venues: some }) => some.includes(focused))
        ?.getElement()
        .focus({ preventScroll: true });
    }
    function pinOf(fits) {
      return pins.find(fits)?.marker;
    }
    function pin(some) {
      const items = some.flatMap((venue) => venue.items);
      const icon = L.divIcon({ className: "pin", html: String(items.length), iconSize: null, iconAnchor: [14, 14], popupAnchor: [0, -12] });
      const marker = L.marker(some[0].at, { icon, riseOnHover: true }).addTo(layer);
      const places = some.length === 1 ? some[0].place : `${some.length} places`;
      const count = `${items.length} ${items.length === 1 ? "event" : "events"}`;
      marker.getElement().setAttribute("aria-label", [places, count].filter(Boolean).join(": "));
      marker.bindPopup(() => popup(some), { maxWidth: 260, maxHeight: 220 });
      marker.on("popupopen", ({ popup: open }) => {
        for (const item of items) item.classList.add("shown");
        open.getElement().querySelector(".leaflet-popup-content a")?.focus({ preventScroll: true });
      });
      marker.on("popupclose", () => {
        for (const item of items) item.classList.remove("shown");
        // What had the focus is gone with the popup.
        if (document.activeElement === document.body) marker.getElement()?.focus({ preventScroll: true });
      });
      return marker;
    }
    /** A button at an event in the list that opens its pin. */
    function leadToMap(item) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "on-map", textContent: "On the map" });
      button.append(Object.assign(document.createElement("span"), { className: "unseen", textContent: `: ${nameOf(item).textContent}` }));
      button.addEventListener("click", () => {
        const venue = [...venues.values()].find(({ items }) => items.includes(item));
        section.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
        map.setView(venue.at, Math.max(map.getZoom(), 15), { animate: false });
        pinOf(({ venues: some }) => some.includes(venue)).openPopup();
      });
      item.querySelector(".extras").append(button);
    }
    function popup(some) {
      const box = document.createElement("div");
      for (const { place, items } of some) {
        if (place) box.append(Object.assign(document.createElement("p"), { className: "quiet", textContent: place }));
        const list = document.createElement("ul");
        list.append(...items.map(entryOf));
        box.append(list);
      }
      return box;
    }
    function entryOf(item) {
      const name = nameOf(item);
      const entry = document.createElement("li");
      entry.append(
        Object.assign(document.createElement("a"), { href: name.href, textContent: name.textContent }),
        Object.assign(document.createElement("div"), { textContent: item.querySelector(".when time")?.textContent ?? "" }),
        Object.assign(document.createElement("a"), { href: `#${item.id}`, textContent: "In the list" }),
      );
      return entry;
    }
    function nameOf(item) {
      return item.querySelector(":is(h2, h3) a");
    }
  }
})();
