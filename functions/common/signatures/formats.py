"""How the fields of a body for predict are called."""

INPUT_FORMATS = ("inputs", "instances", "dataframe_split", "dataframe_records")
"""MLflow's; a body holds exactly one of them."""
PARAMETER_NAMES = ("params", "parameters", "options")
"""What MLflow, Hugging Face and the platform's own clients call the same thing."""
