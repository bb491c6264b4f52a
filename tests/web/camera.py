"""A camera for the browser, and what it sees."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.support.browser import ARGUMENTS


def with_camera(film: Path) -> list[str]:
    """Arguments of a Chromium with a camera that sees what is in this file by the time that a page looks."""
    return [
        *ARGUMENTS,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]


def film(scene: Image.Image, path: Path) -> None:
    """One picture of Motion JPEG, which Chromium shows again and again."""
    scene.save(path, format="JPEG", quality=85)


def held_phone(page: Page) -> Image.Image:
    """A phone with this page on its screen, not held quite straight."""
    screen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    scene = Image.new("RGB", (1280, 1280), "#5a5048")
    scene.paste(screen.resize((600, 1233)).rotate(-2, fillcolor="#5a5048"), (340, 20))
    return scene
