// Draws the picture: positions come from the file, nothing is simulated and nothing is fetched.
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("gegevens").textContent);
  const box = document.getElementById("net");
  const FONT = getComputedStyle(document.body).fontFamily;
  const INK = "#1d2429", SOFT = "#5a646b", CHAIN = "#14476b", FAINT = "#ebe8e1";
  const EDGE = data.edges.length > 150 ? "#cbc6bb" : "#aaa59a";
  const SIZE = 13, LEAST = 11, LEFT = 26, TOP = 34, RIGHT = 16;
  const known = new Map(data.nodes.map((node, at) => [node.id, { ...data.about[at], node, at }]));
  const causes = new Map(), effects = new Map();
  for (const edge of data.edges) {
    if (!causes.has(edge.to)) causes.set(edge.to, []);
    if (!effects.has(edge.from)) effects.set(edge.from, []);
    causes.get(edge.to).push(edge);
    effects.get(edge.from).push(edge);
  }

  // A title is an element that holds a text node: never HTML, whatever stands in a label.
  const title = (text) => {
    const element = document.createElement("div");
    element.textContent = text;
    return element;
  };
  const nodes = new vis.DataSet(data.nodes.map((node, at) => ({
    ...node, label: undefined, title: title(data.about[at].detail || data.about[at].label),
  })));
  // Lines with a meaning of their own keep their colour and width.
  const colour = (edge) => (edge.own ? edge.color : EDGE);
  // What runs back along a row goes around it: a line that runs the other way lies there already.
  const around = (edge) => {
    const from = known.get(edge.from).node, to = known.get(edge.to).node;
    return from.x > to.x && from.y === to.y ? { smooth: { type: "curvedCW", roundness: 0.18 } } : {};
  };
  const edges = new vis.DataSet(data.edges.map((edge, at) => (
    { ...edge, id: at, color: colour(edge), ...around(edge) })));

  const fitScale = () => Math.min(
    (box.clientWidth - LEFT - RIGHT) / data.width, (box.clientHeight - TOP - 8) / data.height);
  const homeScale = () => {
    const wide = (box.clientWidth - LEFT - RIGHT) / data.width;
    return Math.min(1.1, Math.max(wide, 0.8));
  };
  const sizeBox = () => {
    const wanted = TOP + data.height * homeScale() + 10;
    const most = window.innerWidth < 704 ? window.innerHeight * 0.72 : 2600;
    box.style.height = `${Math.round(Math.max(200, Math.min(wanted, most)))}px`;
    const room = box.clientWidth - LEFT - RIGHT;
    document.getElementById("verder").hidden = data.width * homeScale() <= room + 1;
  };
  sizeBox();

  const network = new vis.Network(box, { nodes, edges }, {
    physics: false,
    layout: { improvedLayout: false },
    nodes: { font: { size: 0 }, borderWidthSelected: 3 },
    edges: {
      arrows: { to: { enabled: true, scaleFactor: 0.45 } },
      smooth: { enabled: true, type: "cubicBezier", forceDirection: "horizontal", roundness: 0.5 },
      chosen: false, selectionWidth: 0,
    },
    interaction: { dragNodes: false, hover: true, tooltipDelay: 120, selectConnectedEdges: false, zoomSpeed: 0.6 },
  });

  // Margins are screen pixels: the time axis on top has one height at every scale.
  const place = (scale) => {
    const x = (box.clientWidth / 2 - LEFT) / scale;
    const y = (box.clientHeight / 2 - TOP) / scale;
    network.moveTo({ position: { x, y }, scale, animation: false });
  };
  const home = () => place(homeScale());
  const all = () => place(Math.min(1.1, fitScale()));
  home();
  network.once("afterDrawing", home);
  let width = box.clientWidth;
  window.addEventListener("resize", () => {
    if (box.clientWidth === width) return;
    width = box.clientWidth;
    sizeBox();
    network.setSize("100%", box.style.height);
    home();
    network.redraw();
  });

  // ---- lanes, time and names are drawn in the canvas, so that they move along with it
  const seen = () => {
    const a = network.DOMtoCanvas({ x: 0, y: 0 });
    const b = network.DOMtoCanvas({ x: box.clientWidth, y: box.clientHeight });
    return { left: a.x, top: a.y, right: b.x, bottom: b.y };
  };
  network.on("beforeDrawing", (ctx) => {
    const scale = network.getScale(), view = seen();
    data.bands.forEach((band, at) => {
      ctx.fillStyle = at % 2 ? "#ffffff" : "#f8f6f0";
      ctx.fillRect(view.left, band.top, view.right - view.left, band.bottom - band.top);
    });
    ctx.strokeStyle = "#e3dfd5";
    ctx.lineWidth = 1 / scale;
    for (const tick of data.ticks) {
      ctx.beginPath();
      ctx.moveTo(tick.x, view.top);
      ctx.lineTo(tick.x, view.bottom);
      ctx.stroke();
    }
  });

  const clash = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  let shown = [];
  let chosen = null;
  let chain = null;
  network.on("afterDrawing", (ctx) => {
    const scale = network.getScale(), view = seen();
    const size = Math.max(SIZE, LEAST / scale);
    const tight = size > SIZE + 0.01;
    const weight = (item) => (item.node.id === chosen ? 8 : 0) + (chain && chain.has(item.node.id) ? 4 : 0)
      + (item.kind === "vital" ? 2 : 0) + (item.state === "struck" ? 1 : 0);
    const order = [...known.values()].filter((item) => item.node.y > view.top - 20 && item.node.y < view.bottom + 20);
    if (tight) order.sort((a, b) => weight(b) - weight(a) || a.at - b.at);
    shown = [];
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    ctx.lineJoin = "round";
    ctx.lineWidth = 4 / scale;
    const heading = Math.max(SIZE - 1, LEAST / scale);
    ctx.font = `600 ${heading}px ${FONT}`;
    data.bands.forEach((band, at) => {
      if (!band.label) return;
      const x = Math.max(view.left + 10 / scale, -14), y = band.top + 4 + heading * 0.75;
      shown.push({ id: undefined, x, y: y - heading * 0.7, w: ctx.measureText(band.label).width, h: heading * 1.4 });
      ctx.strokeStyle = at % 2 ? "#ffffff" : "#f8f6f0";
      ctx.strokeText(band.label, x, y);
      ctx.fillStyle = SOFT;
      ctx.fillText(band.label, x, y);
    });
    const marks = tight ? order.map(({ node }) => ({ id: node.id, x: node.x - 7, y: node.y - 7, w: 14, h: 14 })) : [];
    const many = order.length > 800;
    // What runs over the edge is shortened in the middle: "(fictief)" at the end stays in sight.
    const fit = (text, room) => {
      if (ctx.measureText(text).width <= room) return text;
      const tail = (/(?:\s*\([^()]{1,16}\)){1,2}$/.exec(text) || [""])[0];
      const head = text.slice(0, text.length - tail.length);
      let low = 0, high = head.length;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (ctx.measureText(`${head.slice(0, middle)}…${tail}`).width <= room) low = middle;
        else high = middle - 1;
      }
      return low < 3 ? "" : `${head.slice(0, low).trimEnd()}…${tail}`;
    };
    for (const item of order) {
      const { x, y, id } = item.node;
      const bold = item.kind === "vital" || id === chosen;
      ctx.font = `${bold ? "600 " : ""}${size}px ${FONT}`;
      const room = view.right - 6 / scale - (x + 12);
      const lines = item.lines.map((line) => fit(line, room));
      if (lines.some((line) => !line)) continue; // a mark at the edge, without its name
      // Lines run flat from mark to mark where there is no time axis: half of the text stands above
      // them, and half below.
      const step = size * 1.25, flat = !data.ticks.length;
      const above = flat ? Math.ceil(lines.length / 2) : lines.length / 2;
      const level = (at) => y + (at + 0.5 - above) * step + (flat ? (at < above ? -0.2 : 0.2) * size : 0);
      const wide = Math.max(...lines.map((line) => ctx.measureText(line).width));
      const rect = { id, x: x + 12, y: level(0) - size * 0.7, w: wide + 2, h: level(lines.length - 1) - level(0) + size * 1.4 };
      // Zoomed out, letters keep their size; a name that would lie on something else waits.
      if (tight && id !== chosen && (shown.some((other) => clash(rect, other))
        || (weight(item) === 0 && (many || marks.some((mark) => mark.id !== id && clash(rect, mark)))))) continue;
      shown.push(rect);
      ctx.lineWidth = 4;
      ctx.strokeStyle = "rgba(255,255,255,.88)";
      ctx.fillStyle = chain && !chain.has(id) ? "#a9a59b" : INK;
      lines.forEach((line, at) => ctx.strokeText(line, rect.x, level(at)));
      lines.forEach((line, at) => ctx.fillText(line, rect.x, level(at)));
    }
    if (data.ticks.length) {
      const high = 24 / scale;
      ctx.fillStyle = "rgba(255,255,255,.94)";
      ctx.fillRect(view.left, view.top, view.right - view.left, high);
      ctx.fillStyle = SOFT;
      ctx.font = `${12 / scale}px ${FONT}`;
      let end = -Infinity;
      for (const tick of data.ticks) {
        const w = ctx.measureText(tick.text).width;
        const x = Math.min(tick.x + 4 / scale, tick.x < view.right ? view.right - w - 6 / scale : Infinity);
        if (x < end) continue;
        ctx.fillText(tick.text, x, view.top + high / 2);
        end = x + w + 8 / scale;
      }
      ctx.fillStyle = "#cfcabf";
      ctx.fillRect(view.left, view.top + high, view.right - view.left, 1 / scale);
    }
  });

  // ---- choosing a node shows why, and lights up what led to it
  const name = document.getElementById("naam"), why = document.getElementById("waarom");
  const links = document.getElementById("verband"), panel = links.parentElement;
  const rows = new Map();
  for (const row of document.querySelectorAll("tr[data-node]")) {
    if (!rows.has(row.dataset.node)) rows.set(row.dataset.node, []);
    rows.get(row.dataset.node).push(row);
  }
  const walk = (start, step, end) => {
    const found = new Set([start]);
    for (const id of found) for (const edge of step.get(id) || []) found.add(edge[end]);
    return found;
  };
  const link = (label, list, end) => {
    if (!list || !list.length) return;
    const line = document.createElement("div");
    line.append(`${label}: `);
    const ids = [...new Set(list.map((edge) => edge[end]))];
    for (const id of ids.slice(0, 12)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "go";
      button.textContent = known.get(id).label;
      button.addEventListener("click", () => choose(id, true));
      line.append(button);
    }
    if (ids.length > 12) line.append(`+ ${ids.length - 12}`);
    links.append(line);
  };
  const choose = (id, move) => {
    chosen = known.has(id) ? id : null;
    chain = null;
    links.replaceChildren();
    document.querySelectorAll("tr.chosen").forEach((row) => row.classList.remove("chosen"));
    if (chosen === null) {
      name.textContent = data.words.explanation;
      why.textContent = data.words.choose;
      panel.classList.remove("on");
      network.unselectAll();
    } else {
      const item = known.get(id);
      const before = walk(id, causes, "from");
      chain = new Set([...before, ...walk(id, effects, "to")]);
      name.textContent = item.label;
      why.textContent = item.detail;
      panel.classList.add("on");
      link(data.words.because, causes.get(id), "from");
      link(data.words.therefore, effects.get(id), "to");
      network.selectNodes([id], false);
      (rows.get(id) || []).forEach((row) => row.classList.add("chosen"));
      if (move) {
        const view = seen(), at = network.getViewPosition(), { x, y } = item.node;
        if (x < view.left + 20 || x + 80 > view.right) at.x = x + 60;
        if (y < view.top + 40 || y > view.bottom - 20) at.y = y;
        network.moveTo({ position: at });
      }
    }
    edges.update(data.edges.map((edge, at) => {
      const on = chain && chain.has(edge.from) && chain.has(edge.to);
      return { id: at, color: !chain ? colour(edge) : on ? CHAIN : FAINT, width: edge.own ? edge.width : on ? 1.8 : 1 };
    }));
    nodes.update(data.nodes.map((node) => ({ id: node.id, opacity: chain && !chain.has(node.id) ? 0.25 : 1 })));
  };
  network.on("click", (event) => {
    const { x, y } = event.pointer.canvas;
    const label = shown.find((r) => r.id && x >= r.x - 4 && x <= r.x + r.w && y >= r.y && y <= r.y + r.h);
    choose(event.nodes.length ? event.nodes[0] : label ? label.id : null, false);
  });
  network.on("hoverNode", () => { box.style.cursor = "pointer"; });
  network.on("blurNode", () => { box.style.cursor = ""; });
  document.querySelectorAll("tr[data-node] .go").forEach((button) => {
    button.addEventListener("click", () => {
      choose(button.closest("tr").dataset.node, true);
      box.scrollIntoView({ block: "start" });
    });
  });
  const ids = data.nodes.map((node) => node.id);
  const stepTo = (by) => {
    const at = chosen === null ? (by > 0 ? -1 : 0) : known.get(chosen).at;
    choose(ids[(at + by + ids.length) % ids.length], true);
  };
  document.getElementById("vorige").addEventListener("click", () => stepTo(-1));
  document.getElementById("volgende").addEventListener("click", () => stepTo(1));

  // ---- moving about: the wheel scrolls the page unless Ctrl is held
  box.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  }, { capture: true });
  const zoom = (by) => network.moveTo({ scale: Math.min(4, Math.max(0.05, network.getScale() * by)) });
  const shift = (dx, dy) => {
    const at = network.getViewPosition(), scale = network.getScale();
    network.moveTo({ position: { x: at.x + dx / scale, y: at.y + dy / scale } });
  };
  document.getElementById("in").addEventListener("click", () => zoom(1.3));
  document.getElementById("uit").addEventListener("click", () => zoom(1 / 1.3));
  document.getElementById("passend").addEventListener("click", all);
  const keys = {
    "+": () => zoom(1.2), "=": () => zoom(1.2), "-": () => zoom(1 / 1.2), "0": all, Home: home,
    ArrowLeft: () => shift(-80, 0), ArrowRight: () => shift(80, 0),
    ArrowUp: () => shift(0, -60), ArrowDown: () => shift(0, 60), Escape: () => choose(null, false),
  };
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  window.addEventListener("beforeprint", () => {
    all();
    network.redraw();
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
  });
  window.kgView = { network, nodes, edges, choose };
})();
