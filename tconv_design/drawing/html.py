"""A picture as one HTML page without any request: a still picture, or frames to step through with buttons and keys."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_STYLE = """body{margin:0;font-family:system-ui,sans-serif;background:#f3f4f6;color:#111827}
main{max-width:70rem;margin:auto;padding:1rem}svg{max-width:100%;height:auto;background:#fff;border-radius:.5rem}
button{font:inherit;padding:.4rem .9rem;margin-right:.5rem}
@media(prefers-color-scheme:dark){body{background:#111827;color:#f3f4f6}}"""
_SCRIPT = """const frames=[...document.querySelectorAll('[data-frame]')];let at=0,timer=0;
const play=document.getElementById('play'),told=document.getElementById('at');
const show=to=>{at=(to+frames.length)%frames.length;frames.forEach((f,i)=>{f.hidden=i!==at});
told.textContent=`${at+1} of ${frames.length}`};
const stop=()=>{clearInterval(timer);timer=0;play.textContent='Play'};
const step=by=>{stop();show(at+by)};
play.onclick=()=>{if(timer)return stop();play.textContent='Stop';timer=setInterval(()=>show(at+1),700)};
document.getElementById('back').onclick=()=>step(-1);document.getElementById('on').onclick=()=>step(1);
document.addEventListener('keydown',e=>{if(e.key==='ArrowLeft')step(-1);if(e.key==='ArrowRight')step(1)});show(0);"""
_BUTTONS = """<p><button id="back">Back</button><button id="play">Play</button><button id="on">Next</button>
<span id="at" role="status"></span></p>"""


def html(title: str, frames: Sequence[str]) -> str:
    """The page of a picture's frames, each an SVG."""
    if len(frames) == 1:
        body, script = frames[0], ""
    else:
        parts = (f"<div data-frame{' hidden' * (at > 0)}>{frame}</div>" for at, frame in enumerate(frames))
        body, script = _BUTTONS + "\n".join(parts), f"<script>{_SCRIPT}</script>"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    titled = f"<title>{escape(title)}</title><style>{_STYLE}</style>"
    page = f"<head>{head}{titled}</head>\n<body><main>{body}</main>{script}</body>"
    return f'<!doctype html>\n<html lang="en">{page}</html>\n'
