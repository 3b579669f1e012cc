# Neural Playground, on the CPU:       docker build -t neural-playground .
# with TensorFlow's CUDA libraries:    docker build -t neural-playground:gpu --build-arg EXTRAS=gpu .
# Then:                                docker run --rm -p 8000:8000 -v neural-playground:/cache neural-playground
# (with a GPU, also: --gpus all)

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
# "" for the CPU, "gpu" for NVIDIA GPUs.
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/playground
WORKDIR /source

# TensorFlow first, in a layer of its own: a change of the source does not install it again. What the
# project depends on is read from its own metadata.
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir app models static templates \
    && touch app/__init__.py models/__init__.py \
    && /opt/playground/bin/pip install --constraint constraints.txt ".${EXTRAS:+[$EXTRAS]}" \
    && /opt/playground/bin/pip uninstall --yes neural-playground

COPY app app
COPY models models
COPY static static
COPY templates templates
RUN /opt/playground/bin/pip install --constraint constraints.txt --no-deps .

FROM python:${PYTHON}-slim
RUN useradd --system --uid 10001 --home-dir /cache --shell /usr/sbin/nologin playground \
    && install --directory --owner=playground --group=playground /cache
COPY --from=build /opt/playground /opt/playground
ENV PATH=/opt/playground/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NEURAL_PLAYGROUND_HOST=0.0.0.0 \
    NEURAL_PLAYGROUND_PORT=8000 \
    NEURAL_PLAYGROUND_CACHE_DIR=/cache
USER playground
WORKDIR /cache
# Compiled programs: keep them in a volume, and the next start is a short one.
VOLUME /cache
EXPOSE 8000
# Ready takes a while (programs are compiled first); healthy is a server that answers.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"NEURAL_PLAYGROUND_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["neural-playground"]
CMD ["serve"]
