"""What may be written in a log: the kind of trouble and where in our code, never what people sent."""

import logging


class Discreet(logging.Filter):
    """Takes the request, its path and the values of exceptions out of every record; keeps exception types and our own lines.

    A database error quotes the values of the row, a template error quotes its context: any of them may be an address or a story.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django."):
            record.msg, record.args = f"{record.name}: a request failed", ()
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            places = []
            while trace is not None:
                places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('rempart')[2]}:{trace.tb_lineno}")
                trace = trace.tb_next
            record.msg = f"{record.getMessage()} [{kind.__name__} at {' < '.join(reversed(places[-6:]))}]"
            record.args, record.exc_info, record.exc_text = (), None, None
        return True
