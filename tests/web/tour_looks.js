// Run in the page by tour_looks.py.
({
  /** What people would stumble over; `least` px of a touch target, 0 where a mouse is used. */
  look: (least) => {
    const found = [];
    const inside = document.documentElement;
    if (inside.scrollWidth > innerWidth + 1) found.push(`wider than the window: ${inside.scrollWidth} of ${innerWidth}`);
    const name = (el) => `${el.tagName.toLowerCase()}.${el.className && el.className.baseVal === undefined ? el.className : ""}`
      + `${el.dataset && el.dataset.test ? `[${el.dataset.test}]` : ""} "${(el.innerText || el.value || "").trim().slice(0, 24)}"`;
    const seen = (el) => el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
    // A pseudo-element may make the target larger than the box: ask the browser what a finger would hit.
    const hits = (el, x, y) => { const top = document.elementFromPoint(x, y); return top && (el === top || el.contains(top)); };
    // What scrolls sideways by itself may be wider than the window.
    const rolls = (el) => { for (let up = el.parentElement; up; up = up.parentElement) if (/auto|scroll/.test(getComputedStyle(up).overflowX) && up.scrollWidth > up.clientWidth) return true; return false; };
    const modal = document.querySelector('[aria-modal="true"]');
    for (const el of document.querySelectorAll('a[href], button, input, select, textarea, summary, [role="tab"]')) {
      if (!seen(el) || el.disabled || el.closest(".sr-only") || (modal && !modal.contains(el))) continue;
      const target = el.matches("input[type=checkbox], input[type=radio], input[type=file]") ? el.closest("label") || el : el;
      const box = target.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      if (box.right > innerWidth + 1 && box.left < innerWidth && !rolls(el)) found.push(`over the edge: ${name(el)}`);
      if (!least || getComputedStyle(el).display === "inline") continue;
      const [x, y, half] = [box.left + box.width / 2, box.top + box.height / 2, least / 2 - 1];
      const low = box.height < least - 0.5 && !(hits(target, x, y - half) && hits(target, x, y + half));
      const narrow = box.width < least - 0.5 && !(hits(target, x - half, y) && hits(target, x + half, y));
      const here = box.top >= half && box.bottom <= innerHeight - half;
      if ((low && (here || box.height < least - 8)) || narrow) found.push(`small ${Math.round(box.width)}x${Math.round(box.height)}: ${name(el)}`);
    }
    for (const el of document.querySelectorAll("body *")) {
      const own = [...el.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
      if (!own || !seen(el) || el.closest(".sr-only, svg, option")) continue;
      const style = getComputedStyle(el);
      const cut = style.overflowX !== "visible" && style.textOverflow !== "ellipsis" && el.scrollWidth > el.clientWidth + 1 && !/auto|scroll/.test(style.overflowX);
      if (cut && el.tagName !== "TEXTAREA") found.push(`cut: ${name(el)}`);
    }
    return found;
  },

  /** Every text that is shown or read out. */
  words: () => {
    const found = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const el = node.parentElement;
      if (!el || el.closest("script, style, template, [lang]:not(html)") || !el.checkVisibility()) continue;
      const text = node.data.replace(/\s+/g, " ").trim();
      if (text) found.add(text);
    }
    for (const el of document.querySelectorAll("[aria-label], [placeholder], [title]"))
      for (const name of ["aria-label", "placeholder", "title"]) if (el.getAttribute(name)) found.add(el.getAttribute(name));
    return [...found];
  },
})
