// A guard, run before anything else in the frame. A <link> may have a name looked up, or a connection opened, in advance: in Firefox
// no content policy and no header forbids it. So the frame forgets how to make one: by name, from a text, or in another document.
// In the worker there are none.

var workerAddress = (address) => address;
if (globalThis.document) {
  const onlyOurs = {
    createScriptURL(address) {
      if (!address.startsWith("blob:null/")) throw new TypeError("Only our own worker.");
      return address;
    },
  };
  // The one policy that the page allows: no other can be made, so no text becomes elements.
  const policy = globalThis.trustedTypes ? trustedTypes.createPolicy("rempart", onlyOurs) : onlyOurs;
  workerAddress = (address) => policy.createScriptURL(address);
  for (const name of ["createElement", "createElementNS"]) {
    const make = Document.prototype[name];
    Document.prototype[name] = function (...given) {
      const made = Reflect.apply(make, this, given);
      if (made.localName === "link") throw new TypeError("No links here.");
      return made;
    };
  }
  for (const name of ["createDocument", "createHTMLDocument"]) delete DOMImplementation.prototype[name];
  for (const name of ["customElements", "XSLTProcessor"]) delete globalThis[name];
}
