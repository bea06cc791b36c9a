"""Runs in MediaPipe's own environment: its detectors' faces in each picture, as JSON on standard output.

python mediapipe_faces.py MODEL PICTURE...    (MODEL: 0 short range, 1 full range)
"""

import json
import sys

import cv2
from mediapipe.python.solutions.face_detection import FaceDetection

result = []
with FaceDetection(model_selection=int(sys.argv[1]), min_detection_confidence=0.5) as detector:
    for path in sys.argv[2:]:
        image = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
        height, width = image.shape[:2]
        faces = []
        for found in detector.process(image).detections or []:
            box = found.location_data.relative_bounding_box
            points = [(p.x * width, p.y * height) for p in found.location_data.relative_keypoints]
            faces.append(
                {
                    "box": [box.xmin * width, box.ymin * height, box.width * width, box.height * height],
                    "score": found.score[0],
                    "points": points,
                }
            )
        result.append(faces)
print(json.dumps(result))
