// Name and phone of the last application: for the next one, while the page is open. Never stored.

export const remembered = { name: "", phone: "" };
