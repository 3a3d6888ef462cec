# The page in a container: docker build -t tina . && docker run -p 7860:7860 tina
# With an NVIDIA GPU: docker build -t tina:cuda --build-arg TORCH_INDEX= . && docker run --gpus all -p 7860:7860 tina:cuda
# It runs as a user without rights, writes to its home and /tmp only (compose.yaml makes the rest read-only), and fetches
# nothing when it starts.
FROM python:3.12-slim AS installed
# Where torch's builds for CPUs are, which are gigabytes smaller; empty for those of the package index, with CUDA
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
WORKDIR /src
COPY requirements.txt .
RUN python -m venv /opt/tina && \
    PIP_EXTRA_INDEX_URL="$TORCH_INDEX" /opt/tina/bin/pip install --no-cache-dir --no-compile -r requirements.txt

FROM python:3.12-slim
RUN useradd --create-home --uid 1000 tina
COPY --from=installed /opt/tina /opt/tina
WORKDIR /opt/app
COPY app.py .
COPY tina tina
COPY checkpoints checkpoints
USER 1000
ENV PATH=/opt/tina/bin:$PATH \
    HOME=/home/tina \
    HF_HUB_OFFLINE=1 \
    GRADIO_SSR_MODE=false \
    GRADIO_ANALYTICS_ENABLED=False \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/health', timeout=8)"]
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
