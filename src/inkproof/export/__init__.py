"""Network files: ONNX with everything inside, and the proof that they answer as the trained network does."""
