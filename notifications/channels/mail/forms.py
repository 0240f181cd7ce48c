"""Forms with files in them, as services post somebody's mail: the files are thrown away as read."""

from __future__ import annotations

from io import BytesIO

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import WSGIRequest


class _Discarding(FileUploadHandler):
    """Keeps of a file its name alone: else a person's photographs would lie in a folder for files
    that are passing through."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        return None

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        return InMemoryUploadedFile(
            BytesIO(), self.field_name, self.file_name, self.content_type, 0, self.charset
        )


def without_files(request: WSGIRequest, body: bytes) -> WSGIRequest:
    """The request with its body, read already: settings.DATA_UPLOAD_MAX_MEMORY_SIZE bounds what is
    kept of a form's fields and no longer the whole of it."""
    request.upload_handlers = [_Discarding(request)]
    request._body = body
    return request
