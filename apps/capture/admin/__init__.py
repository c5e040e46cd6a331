"""Registers of capture: what came in, and the public forms with what they give."""

from apps.capture.admin import assets as assets
from apps.capture.admin import forms as forms
from apps.capture.admin import submissions as submissions
