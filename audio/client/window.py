"""A window in which pictures are shown, where there is a desktop and an OpenCV that has windows."""

from __future__ import annotations

from typing import Any

from audio.errors import BadInput


class Window:
    """Raises BadInput where there can be none."""

    def __init__(self, title: str) -> None:
        try:
            import cv2

            cv2.namedWindow(title)
        except ImportError as exc:
            raise BadInput("A window needs OpenCV: pip install opencv-python.") from exc
        except cv2.error as exc:
            raise BadInput(
                "There can be no window: it needs a desktop, and an OpenCV with windows (pip uninstall "
                "opencv-python-headless, then pip install opencv-python)."
            ) from exc
        self._title = title

    def show(self, rgb: Any) -> bool:
        """Show a picture (uint8, rows x columns x 3); False where q was pressed."""
        import cv2

        cv2.imshow(self._title, rgb[:, :, ::-1])
        return bool(cv2.waitKey(1) & 0xFF != ord("q"))
