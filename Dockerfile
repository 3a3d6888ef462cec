# The page in a container: docker build -t tina . && docker run -p 7860:7860 tina
# It has no GPU, runs as a user without rights, and downloads nothing when it starts.
FROM python:3.12-slim

RUN useradd --create-home --uid 1000 tina
USER tina
WORKDIR /home/tina/app
ENV PATH=/home/tina/.local/bin:$PATH \
    HF_HOME=/home/tina/.cache/huggingface \
    TINA_CACHE=/home/tina/.cache/tina \
    GRADIO_SSR_MODE=false \
    GRADIO_ANALYTICS_ENABLED=False \
    PYTHONUNBUFFERED=1

COPY --chown=tina requirements.txt .
# Without a GPU, torch's builds for CPUs are gigabytes smaller: give pip their address, which pytorch.org tells under
# "Get started", as --build-arg PIP_EXTRA_INDEX_URL=...
ARG PIP_EXTRA_INDEX_URL
RUN pip install --no-cache-dir --user -r requirements.txt
COPY --chown=tina . .

EXPOSE 7860
CMD ["python", "app.py", "--host", "0.0.0.0", "--port", "7860"]
