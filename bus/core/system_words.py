"""What an operating system says of a file or an address, in both languages."""

from __future__ import annotations

import errno
from typing import Final

from bus.core.text import Text

_WORDS: Final = {
    errno.ENOENT: Text("não existe", "there is no such file"),
    errno.EACCES: Text("falta permissão", "permission is missing"),
    errno.EPERM: Text("não é permitido", "it is not permitted"),
    errno.EISDIR: Text("é uma pasta, e não um arquivo", "it is a folder, and no file"),
    errno.ENOTDIR: Text("parte do caminho não é uma pasta", "a part of the path is no folder"),
    errno.EEXIST: Text("já existe", "it is there already"),
    errno.ENOSPC: Text("o disco está cheio", "the disk is full"),
    errno.EDQUOT: Text("a cota de disco está cheia", "the quota of disk is used up"),
    errno.EROFS: Text("o disco só permite leitura", "the disk may only be read"),
    errno.EIO: Text("o disco falhou", "the disk failed"),
    errno.ELOOP: Text("os links dão voltas", "its links go round"),
    errno.ENAMETOOLONG: Text("o nome é longo demais", "the name is too long"),
    errno.EMFILE: Text("há arquivos abertos demais", "too many files are open"),
    errno.ENFILE: Text("há arquivos abertos demais", "too many files are open"),
    errno.ENXIO: Text("ninguém atende ali", "nobody answers there"),
    errno.ECONNREFUSED: Text("a conexão foi recusada", "the connection was refused"),
    errno.ECONNRESET: Text("a conexão foi interrompida", "the connection was reset"),
    errno.EPIPE: Text("a conexão foi interrompida", "the connection was reset"),
    errno.EHOSTUNREACH: Text("o servidor é inalcançável", "the host is out of reach"),
    errno.ENETUNREACH: Text("a rede é inalcançável", "the network is out of reach"),
    errno.ETIMEDOUT: Text("o tempo se esgotou", "the time ran out"),
    errno.EADDRINUSE: Text("já está em uso", "it is in use already"),
    errno.EADDRNOTAVAIL: Text("não é desta máquina", "it is not of this machine"),
}


def words_of(error: OSError | ValueError) -> Text:
    """What went wrong; the name of its error where we have no words for it.

    A ValueError is what Python says of a path that no system would take.
    """
    if isinstance(error, ValueError):
        return Text("não serve de caminho", "it can be no path")
    number = errno.ETIMEDOUT if isinstance(error, TimeoutError) else error.errno or 0
    if number < 0:  # what looks names up counts downwards
        return Text("o nome do servidor não é conhecido", "the name of the host is not known")
    told = _WORDS.get(number)
    name = errno.errorcode.get(number, type(error).__name__)
    return told or Text(f"o sistema diz {name}", f"the system says {name}")
