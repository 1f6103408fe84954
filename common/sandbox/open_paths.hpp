// OpenPaths: descriptors of paths, for rules about them. Those that every account reaches are kept,
// so that launches in a row need not look up each of them again; their owner says when to close
// them. A path that is replaced meanwhile is reached as it was, as by a process that was launched
// when it was opened. One thread.
//
// find_path: for a path that somebody names who may be led astray. What is judged is the file that
// was opened, never its name: a link may lead elsewhere a moment later.
#pragma once

#include <sys/types.h>

#include <map>
#include <span>
#include <string>

#include "common/base/descriptor.hpp"

namespace bullpen::sandbox {

struct OpenPath {
    Descriptor at;  // O_PATH; none when it could not be opened
    bool is_directory = false;
    int error = 0;  // why it could not
};

OpenPath open_path(const std::string& path);

// Which file it is, whatever it is called.
struct FileId {
    dev_t device = 0;
    ino_t number = 0;
    friend bool operator==(const FileId&, const FileId&) = default;
};
// Of what could be opened.
FileId file_id(const OpenPath& opened);

struct FoundPath {
    OpenPath open;
    std::string real;  // where it is, without any link; empty when that cannot be told
    std::string link;  // the first that was followed in one of `theirs`, or below; empty: none
};
// Opens an absolute path. `theirs` are directories in which somebody else may make links.
FoundPath find_path(const std::string& path, std::span<const FileId> theirs);

class OpenPaths {
  public:
    const OpenPath& kept(const std::string& path);
    void close() { paths_.clear(); }

  private:
    std::map<std::string, OpenPath> paths_;
};

}  // namespace bullpen::sandbox
