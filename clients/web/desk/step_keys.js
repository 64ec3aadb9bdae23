// J and K go from applicant to applicant, anywhere on the page but in a field and over a sheet.

import { useEffect, useRef } from "../shared/components.js";

export function useStepKeys(steps) {
  const now = useRef(steps);
  now.current = steps;
  useEffect(() => {
    const listen = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if (event.target.closest("input:not([type=checkbox]), textarea, select") || document.documentElement.classList.contains("sheet-open")) return;
      const step = { j: now.current.next, k: now.current.back }[event.key.toLowerCase()];
      if (!step) return;
      event.preventDefault();
      step();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
