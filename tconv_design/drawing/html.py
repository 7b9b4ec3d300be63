"""A scene as one HTML page without any request: a still picture, or frames to step through with buttons and keys."""

from __future__ import annotations

from html import escape

from tconv_design.drawing.svg import frame_svg, svg
from tconv_design.pictures.scene import Scene

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


def html(scene: Scene) -> str:
    """The page."""
    if len(scene.frames) == 1:
        body, script = svg(scene), ""
    else:
        frames = (
            f"<div data-frame{' hidden' * (at > 0)}>{frame_svg(scene, at)}</div>" for at in range(len(scene.frames))
        )
        body, script = _BUTTONS + "\n".join(frames), f"<script>{_SCRIPT}</script>"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    title = f"<title>{escape(scene.title)}</title><style>{_STYLE}</style>"
    page = f"<head>{head}{title}</head>\n<body><main>{body}</main>{script}</body>"
    return f'<!doctype html>\n<html lang="en">{page}</html>\n'
