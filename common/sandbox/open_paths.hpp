// OpenPaths: descriptors of paths, for rules about them. Those that every account reaches are kept,
// so that launches in a row need not look up each of them again; their owner says when to close
// them. A path that is replaced meanwhile is reached as it was, as by a process that was launched
// when it was opened. One thread.
#pragma once

#include <map>
#include <string>

#include "common/base/descriptor.hpp"

namespace bullpen::sandbox {

struct OpenPath {
    Descriptor at;  // O_PATH; none when it could not be opened
    bool is_directory = false;
    int error = 0;  // why it could not
};

OpenPath open_path(const std::string& path);

class OpenPaths {
  public:
    const OpenPath& kept(const std::string& path);
    void close() { paths_.clear(); }

  private:
    std::map<std::string, OpenPath> paths_;
};

}  // namespace bullpen::sandbox
