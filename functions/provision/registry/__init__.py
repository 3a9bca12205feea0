"""The model registry: port, MLflow adapter, and the tags that are written to it.

mlflow takes time-outs and switches from the process's environment alone, and reads some while it is
imported, so they are set before any module of this package is.
"""

import os

os.environ.update(
    # Another host would get what is meant for the server.
    MLFLOW_ALLOW_HTTP_REDIRECTS="false",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    # It logs whole answers of servers, which can quote what they were sent.
    MLFLOW_LOGGING_LEVEL="CRITICAL",
    MLFLOW_HTTP_REQUEST_TIMEOUT="10",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="2",
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="1",
    MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT="120",
)
