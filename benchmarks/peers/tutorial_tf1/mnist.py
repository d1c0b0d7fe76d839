"""The tutorial's training script, written anew as a peer: TensorFlow in its TF1 mode, as installed.

Placeholders, a session, `feed_dict`; convolution 5×5×64, ReLU, two max-poolings, two dense layers without
an activation between them; Adam, learning rate 0.0001, 2,000 steps of 100 images. No logging at all.

    python mnist.py --data DIR --steps 2000 --seed 0

prints one JSON object: seconds of each part, milliseconds of a step, accuracy at some steps.
"""

import argparse
import gzip
import json
import resource
import time
from pathlib import Path

BEGUN = time.perf_counter()

import numpy as np  # noqa: E402
import tensorflow.compat.v1 as tf  # noqa: E402

LEARNING_RATE = 0.0001
BATCH_SIZE = 100


def read(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    images = np.frombuffer(gzip.decompress((folder / f"{name}-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((folder / f"{name}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    return images.reshape(-1, 784).astype(np.float32) / 255, np.eye(10, dtype=np.float32)[labels]


def weights(shape: list[int]) -> tf.Variable:
    return tf.Variable(tf.truncated_normal(shape, stddev=0.1), name="Weights")


def biases(size: int) -> tf.Variable:
    return tf.Variable(tf.constant(0.1, shape=[size]), name="Biases")


def conv_layer(values: tf.Tensor, size_in: int, size_out: int) -> tf.Tensor:
    convolution = tf.nn.conv2d(values, weights([5, 5, size_in, size_out]), strides=[1, 1, 1, 1], padding="SAME")
    activation = tf.nn.relu(convolution + biases(size_out))
    return pool(activation)


def pool(values: tf.Tensor) -> tf.Tensor:
    return tf.nn.max_pool(values, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


def dense_layer(values: tf.Tensor, size_in: int, size_out: int) -> tf.Tensor:
    return tf.matmul(values, weights([size_in, size_out])) + biases(size_out)


def batches(images: np.ndarray, labels: np.ndarray):
    while True:
        order = np.random.permutation(len(images))
        for begin in range(0, len(order) - BATCH_SIZE + 1, BATCH_SIZE):
            chosen = order[begin : begin + BATCH_SIZE]
            yield images[chosen], labels[chosen]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--measure", type=int, nargs="*", default=[], help="steps at which to measure the accuracy")
    options = parser.parse_args()
    tf.disable_v2_behavior()
    tf.set_random_seed(options.seed)
    np.random.seed(options.seed)
    images, labels = read(options.data, "train")
    test_images, test_labels = read(options.data, "t10k")

    x = tf.placeholder(tf.float32, [None, 784], name="x")
    y = tf.placeholder(tf.float32, [None, 10], name="labels")
    values = pool(conv_layer(tf.reshape(x, [-1, 28, 28, 1]), 1, 64))
    values = dense_layer(tf.reshape(values, [-1, 7 * 7 * 64]), 7 * 7 * 64, 1024)
    logits = dense_layer(values, 1024, 10)
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(logits=logits, labels=y))
    train_step = tf.train.AdamOptimizer(LEARNING_RATE).minimize(loss)
    correct = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))

    def measure(session: tf.Session) -> float:
        parts = range(0, len(test_images), 1000)
        feeds = ({x: test_images[begin : begin + 1000], y: test_labels[begin : begin + 1000]} for begin in parts)
        return float(sum(session.run(correct, feed) for feed in feeds) / len(test_images))

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        ready = time.perf_counter()
        durations, accuracy = [], {}
        source = batches(images, labels)
        for step in range(1, options.steps + 1):
            begin = time.perf_counter()
            batch_images, batch_labels = next(source)
            session.run(train_step, feed_dict={x: batch_images, y: batch_labels})
            durations.append(time.perf_counter() - begin)
            if step in options.measure:
                accuracy[step] = measure(session)
    print(
        json.dumps(
            {
                "start_seconds": ready - BEGUN,
                "training_seconds": sum(durations),
                "mean_step_ms": sum(durations) / len(durations) * 1000,
                "median_step_ms": sorted(durations)[len(durations) // 2] * 1000,
                "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
                "test_accuracy": accuracy,
            }
        )
    )


if __name__ == "__main__":
    main()
