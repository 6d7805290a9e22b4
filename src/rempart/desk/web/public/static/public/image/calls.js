// A guard, run before anything else in the frame. Calls between browsers are a way out that no content policy closes; the page's
// header Connection-Allowlist does, where the browser knows it. So the frame forgets how to make one.

for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "RTCIceTransport", "WebTransport"]) delete globalThis[name];
