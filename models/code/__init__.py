"""Take it with you: an experiment as a script or a notebook that needs nothing of this project.

Only texts are made here: neither Keras nor TensorFlow is imported for it.
"""
