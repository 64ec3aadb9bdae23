// A part that comes late brings its style with it.
//
//   addStyle(import.meta.url, "./launch.css")

export function addStyle(base, path) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(path, base).href;
  document.head.append(link);
}
