"""Who is before the camera, and do they look? Prints every event; --show draws faces and gazes in a window.

python examples/scene_analysis.py [0 | video.mp4] [--show]

Nothing is kept of the pictures. Add "store": True to a job, and the gateway keeps a row a visit for the audience's
figures: tell those who are seen.
"""

import sys
import threading
from math import cos, sin

import cv2
import numpy as np

import audio.client
from audio.client import camera
from audio.errors import AudioError

source = sys.argv[1] if len(sys.argv) > 1 else "0"
show = "--show" in sys.argv

try:
    conn = audio.client.connect()
    service = conn.services.get_service("scene_analysis", version=1)
    service.enable_session()

    lost = 0
    for frame in camera.frames(source, fps=10, stop=threading.Event()):
        lost += frame.lost
        job = service.process(
            {
                "image": frame.data,
                "timestamp": frame.taken.isoformat(),
                "camera_position": "facing",
                "sensitivity": {"appearance": 0.7, "disappearance": 0.7, "focus_locked": 0.9},
            }
        )
        entities = job.result["entities"]
        for event in job.result["events"]:
            value = entities[event["entity_id"]][event["key"]]
            print(f"{frame.taken:%H:%M:%S.%f}  {event['entity_id'][:8]}  {event['type']}: {event['key']} {value}")
        if show:
            picture = cv2.imdecode(np.frombuffer(frame.data, np.uint8), cv2.IMREAD_COLOR)
            for entity in entities.values():
                x, y, width, height = map(int, entity["face_roi"])
                cv2.rectangle(picture, (x, y), (x + width, y + height), (0, 255, 0), 2)
                if entity.get("gaze_confidence", 0) > 0:
                    yaw, pitch = entity["gaze"]
                    for eye_x, eye_y in entity["face_eye"]:
                        end = (round(eye_x + 100 * cos(pitch) * sin(yaw)), round(eye_y - 100 * sin(pitch)))
                        cv2.line(picture, (eye_x, eye_y), end, (0, 140, 255), 2)
            cv2.imshow("scene_analysis", picture)
            if cv2.waitKey(1) & 0xFF == ord("q"):
                break

    service.disable_session()
    print(f"{lost} pictures were lost, as there was no time for them.")
except AudioError as exc:  # no gateway, or it refuses: it says what to do
    sys.exit(exc.message)
