"""The server: answers over HTTP what the library knows. Only translates; never loads TensorFlow or Keras."""
