"""The tutorial's web page, its server half: Flask, two Keras networks, `model.predict` for each drawing.

    pip install -r requirements.txt
    python app.py PORT SOFTMAX.keras CONVOLUTIONAL.keras

Written as such pages are: the browser averages its canvas to 28 × 28 and posts 784 numbers, 255 for paper and 0 for
ink; the answer has the probabilities of both networks.
"""

import sys

import keras
import numpy as np
from flask import Flask, jsonify, request

app = Flask(__name__)
networks = [keras.models.load_model(path, compile=False) for path in sys.argv[2:]]


@app.route("/api/mnist", methods=["POST"])
def mnist():
    images = ((255 - np.array(request.json, dtype=np.uint8)) / 255.0).reshape(1, 28, 28, 1)
    logits = [network.predict(images, verbose=0) for network in networks]
    results = [np.exp(one[0] - one[0].max()) for one in logits]
    return jsonify(results=[(one / one.sum()).tolist() for one in results])


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]))
