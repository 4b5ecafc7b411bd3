"""Finding the point where the pointer hits an element, and nothing else.

One read-only look in the element's own document says whether it is there, visible, enabled, at rest and not covered. A guard
then listens, for this one input only, whether the input really arrives at the element: if the page moved in between, the
guard stops it before the page sees it, and the act is known not to have happened.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from operator_agent.flow.observation import Box
from operator_agent.surfaces.browser.turn import Hindered, Turn

if TYPE_CHECKING:
    from playwright.async_api import ElementHandle, Frame, JSHandle

_STABLE_COVER_SECONDS = 1.0
"""A cover that has not moved for this long is no animation: waiting longer would not help."""

NAMING = """
const tidy = text => (text || '').replace(/\\s+/g, ' ').trim().slice(0, 60);
const above = node => node.assignedSlot || node.parentElement || (node.getRootNode() instanceof ShadowRoot ? node.getRootNode().host : null);
const within = (node, top) => { for (; node; node = above(node)) if (node === top) return true; return false; };
const roleOf = element => {
  const tag = element.localName, type = (element.type || '').toLowerCase();
  const roles = {dialog: 'dialog', button: 'button', nav: 'navigation', header: 'banner', footer: 'contentinfo', iframe: 'iframe',
                 img: 'img', aside: 'complementary', form: 'form', main: 'main', select: 'combobox', textarea: 'textbox'};
  if (element.getAttribute('role')) return element.getAttribute('role').split(' ')[0];
  if (tag === 'a' && element.hasAttribute('href')) return 'link';
  if (tag === 'input') return ['checkbox', 'radio', 'button'].includes(type) ? type : type === 'submit' ? 'button' : 'textbox';
  return roles[tag] || '';
};
const nameOf = element => {
  const ids = (element.getAttribute('aria-labelledby') || '').split(/\\s+/).filter(Boolean);
  const labelled = ids.map(id => element.getRootNode().getElementById?.(id)?.textContent).join(' ');
  const heading = element.querySelector?.('h1,h2,h3,h4,h5,h6,[role=heading]');
  return tidy(labelled) || tidy(element.getAttribute('aria-label')) || tidy(element.getAttribute('title')) ||
    tidy(heading?.textContent) || tidy(element.innerText) || tidy(element.id);
};
const nameIt = (hit, target) => {
  let best = hit, shared = hit;
  while (shared && !within(target, shared)) { if (roleOf(shared)) best = shared; shared = above(shared); }
  if (!roleOf(best)) { for (let up = hit; up && !within(target, up); up = above(up)) best = up; }
  const name = nameOf(best);
  return (roleOf(best) || best.localName) + (name ? ` "${name}"` : '');
};
"""
"""How a script names an element to a person: `dialog "Cookies"`."""

_LOOK = (
    """(element, {keep, arm}) => {"""
    + NAMING
    + """
  if (!element.isConnected) return {state: 'gone'};
  const deepest = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) { const inner = hit.shadowRoot.elementFromPoint(x, y); if (!inner || inner === hit) break; hit = inner; }
    return hit;
  };
  const up = test => { for (let node = element; node; node = above(node)) if (test(node)) return node; return null; };
  if (element.matches(':disabled') || up(node => node.getAttribute('aria-disabled') === 'true' || node.hasAttribute('inert')))
    return {state: 'disabled'};
  const rects = () => {
    const found = [...element.getClientRects()].filter(rect => rect.width > 0 && rect.height > 0);
    if (found.length || getComputedStyle(element).display !== 'contents') return found;
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()].filter(rect => rect.width > 0 && rect.height > 0);
  };
  const style = getComputedStyle(element);
  if (!rects().length || style.visibility === 'hidden' || style.visibility === 'collapse') return {state: 'hidden'};
  const moving = document.getAnimations().find(animation => animation.playState === 'running' && animation.effect?.target &&
    animation.effect.getTiming().iterations !== Infinity && within(element, animation.effect.target) &&
    animation.effect.getKeyframes().some(frame => ['transform', 'translate', 'scale', 'rotate', 'top', 'left', 'right', 'bottom', 'width',
      'height', 'marginTop', 'marginLeft'].some(key => key in frame)));
  if (moving) return {state: 'moving'};
  const partners = [element, ...(element.labels || [])];
  const active = 'a[href],button,input,select,textarea,summary,label,[role=button],[role=link],[role=checkbox],[role=menuitem],[onclick]';
  const accepted = hit => partners.some(partner => within(hit, partner));
  const clean = hit => {
    for (let node = hit; node && node !== element; node = above(node)) if (node.matches(active) && !partners.includes(node)) return false;
    return true;
  };
  const pick = () => {
    let second = null, cover = null;
    for (const rect of [...rects(), element.getBoundingClientRect()]) {
      const left = Math.max(rect.left, 0), top = Math.max(rect.top, 0);
      const right = Math.min(rect.right, innerWidth), bottom = Math.min(rect.bottom, innerHeight);
      if (right - left < 1 || bottom - top < 1) continue;
      for (const [fx, fy] of [[.5, .5], [.25, .5], [.75, .5], [.5, .25], [.5, .75], [.1, .1], [.9, .1], [.1, .9], [.9, .9]]) {
        const x = left + (right - left) * fx, y = top + (bottom - top) * fy;
        const hit = deepest(x, y);
        if (!hit) continue;
        if (!accepted(hit)) { cover = cover || hit; continue; }
        if (clean(hit)) return {x, y};
        second = second || {x, y};
      }
    }
    return second || {cover};
  };
  if (window !== window.parent) element.scrollIntoView({block: 'nearest', inline: 'nearest', behavior: 'instant'});
  let found = pick();
  for (const block of ['center', 'end', 'start']) {
    if (found.x !== undefined) break;
    element.scrollIntoView({block, inline: 'center', behavior: 'instant'});
    const again = pick();
    found = again.x !== undefined || again.cover ? again : found;
  }
  const rect = element.getBoundingClientRect();
  const box = [rect.left, rect.top, rect.width, rect.height];
  if (found.x === undefined) {
    if (style.pointerEvents === 'none') return {state: 'disabled', why: 'it does not take the pointer'};
    return found.cover ? {state: 'covered', by: nameIt(found.cover, element), box} : {state: 'hidden'};
  }
  const native = up(node => node.matches('a[href],area[href],input,select,textarea,summary,label,option,[contenteditable],[onclick],' +
    '[popovertarget],[commandfor],video[controls],audio[controls]') || (node.localName === 'button' && node.form && node.type !== 'button') ||
    node.onclick || node.onmousedown || node.onpointerdown);
  if (arm === 'always' || (arm === 'native' && native)) {
    keep.guard?.stop();
    const kinds = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'auxclick', 'dblclick', 'contextmenu'];
    const guard = {reached: false, missed: ''};
    const judge = event => {
      if (!event.isTrusted) return;
      if (!guard.reached && !guard.missed && event.type.endsWith('down')) {
        const path = event.composedPath();
        if (partners.some(partner => path.includes(partner))) guard.reached = true;
        else guard.missed = element.isConnected ? nameIt(path[0], element) : 'gone';
      }
      if (guard.missed) { event.preventDefault(); event.stopImmediatePropagation(); }
    };
    guard.stop = () => { for (const kind of kinds) window.removeEventListener(kind, judge, true); return {reached: guard.reached, missed: guard.missed}; };
    for (const kind of kinds) window.addEventListener(kind, judge, true);
    keep.guard = guard;
  }
  return {state: 'ready', x: found.x, y: found.y, box, native: !!native};
}"""
)

_ARRIVED = "keep => new Promise(done => setTimeout(() => { const seen = keep.guard?.stop(); keep.guard = null; done(seen); }, 0))"
_FRAME_HIT = (
    """(frame, {x, y}) => {"""
    + NAMING
    + """
  const rect = frame.getBoundingClientRect();
  const px = rect.left + frame.clientLeft + x, py = rect.top + frame.clientTop + y;
  const hit = frame.getRootNode().elementFromPoint(px, py);
  return {x: px, y: py, cover: hit === frame ? '' : hit ? nameIt(hit, frame) : 'the edge of the view'};
}"""
)


@dataclass(frozen=True, slots=True)
class Aim:
    """A point of the active tab's view (CSS pixels) where the pointer hits the element."""

    x: float
    y: float
    box: Box
    native: bool
    """The browser itself acts on a click there (a link, a field, a submit button)."""
    keep: JSHandle


class Aiming:
    """Takes aim at one element of a turn, waiting for what is in its way as long as waiting may help."""

    def __init__(self, turn: Turn, node: ElementHandle, frame: Frame, shown: str) -> None:
        self._turn = turn
        self._node = node
        self._frame = frame
        self._shown = shown

    async def aim(self, *, arm: str = "always") -> Aim:
        """Raises Hindered: stale, covered, disabled, absent (not visible) or timeout."""
        obstacle, since = "", time.monotonic()
        while True:
            seen = await self._look(arm)
            if isinstance(seen, Aim):
                return seen
            kind, detail = _trouble(seen, self._shown)
            if kind == "stale":
                raise Hindered("stale", detail)
            described = f"{kind} {detail} {seen.get('box')}"
            if described != obstacle:
                obstacle, since = described, time.monotonic()
            patient = kind in ("disabled", "timeout")
            if self._turn.left <= 0 or (not patient and time.monotonic() - since > _STABLE_COVER_SECONDS):
                raise Hindered(kind, detail)
            await self._turn.wait(0.02 if seen["state"] == "moving" else 0.15)

    async def arrived(self, aim: Aim) -> tuple[bool, str]:
        """Whether the input reached the element, and what it would have hit instead. (True, "") when the document is gone."""
        from playwright.async_api import Error

        try:
            seen: dict[str, Any] | None = await aim.keep.evaluate(_ARRIVED)
        except Error:
            return True, ""
        return (True, "") if seen is None else (bool(seen["reached"]), str(seen["missed"]))

    async def _look(self, arm: str) -> Aim | dict[str, Any]:
        frame = self._frame
        keep = await self._turn.parts.tabs.active.keep(frame)
        seen: dict[str, Any] = await self._node.evaluate(_LOOK, {"keep": keep, "arm": arm})
        if seen["state"] != "ready":
            return seen
        x, y = seen["x"], seen["y"]
        left, top, width, height = seen["box"]
        while frame.parent_frame is not None:
            outer: dict[str, Any] = await (await frame.frame_element()).evaluate(_FRAME_HIT, {"x": x, "y": y})
            if outer["cover"]:
                await keep.evaluate(_ARRIVED)
                return {"state": "covered", "by": outer["cover"], "box": seen["box"]}
            left, top = left + outer["x"] - x, top + outer["y"] - y
            x, y, frame = outer["x"], outer["y"], frame.parent_frame
        return Aim(x, y, Box(left, top, width, height), seen["native"], keep)


def _trouble(seen: dict[str, Any], shown: str) -> tuple[Any, str]:
    match seen["state"]:
        case "gone":
            return "stale", f"{shown} is no longer there"
        case "disabled":
            return "disabled", f"{shown} is disabled" + (f": {seen['why']}" if seen.get("why") else "")
        case "covered":
            return "covered", f"{shown} is covered by {seen['by']}"
        case "moving":
            return "timeout", f"{shown} did not stop moving"
        case _:
            return "absent", f"{shown} is not visible"
