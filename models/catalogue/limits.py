"""What numbers may be, and the steps that menus offer."""

# Steps that the menus offer; any number within the limits is allowed.
LEARNING_RATES = (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
REGULARIZATION_RATES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)


HIDDEN_LAYERS = (0, 8)
NEURONS = (1, 64)
POINTS = (20, 5000)
CLASSES = (3, 8)
NOISE = (0.0, 0.5)
TRAIN_SHARE = (0.1, 1.0)
BATCH_SIZE = (1, 512)
LEARNING_RATE = (0.00001, 10.0)
REGULARIZATION_RATE = (0.0, 10.0)
CLIP_NORM = (0.0, 100.0)  # 0: not clipped
MAX_NORM = (0.0, 100.0)  # 0: not constrained
DECAY_STEPS = (1, 1_000_000)
DECAY_RATE = (0.001, 1.0)
DROPOUT = (0.0, 0.9)
BIAS = (-10.0, 10.0)
WEIGHT = (-1000.0, 1000.0)  # what an edited weight or bias may be
STOP_EPOCHS = (1, 1_000_000)
STOP_LOSS = (0.0, 1000.0)
STOP_ACCURACY = (0.0, 1.0)
PATIENCE = (1, 100_000)
MIN_DELTA = 0.0001  # a test loss that is lower by less is no improvement
MAX_INPUTS = 8
MAX_CLASSES = CLASSES[1]
MAX_POINTS = 5000
SEED = (0, 2**32 - 1)
