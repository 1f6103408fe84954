#include "worker/tools/out_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace bullpen::tools {

Result<OutFile> OutFile::open(const std::string& path) {
    if (path == "-")
        return OutFile(path, {}, stdout);
    const auto temporary = path + ".part";
    std::FILE* file = std::fopen(temporary.c_str(), "we");
    if (file == nullptr)
        return fail_errno("cannot write " + path);
    return OutFile(path, temporary, file);
}

OutFile::OutFile(OutFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      file_(std::exchange(other.file_, nullptr)) {}

OutFile::~OutFile() {
    if (file_ == nullptr || temporary_.empty())
        return;
    std::fclose(file_);
    ::unlink(temporary_.c_str());
}

Result<void> OutFile::finish() {
    const bool sound = std::ferror(file_) == 0 && std::fflush(file_) == 0;
    if (!sound)
        return fail_errno("cannot write " + path_);
    auto* file = std::exchange(file_, nullptr);
    if (temporary_.empty())
        return {};
    if (std::fclose(file) != 0 || std::rename(temporary_.c_str(), path_.c_str()) != 0) {
        auto error = Error::from_errno("cannot write " + path_);
        ::unlink(temporary_.c_str());
        return fail(std::move(error));
    }
    return {};
}

Result<void> write_file(const std::string& path, std::string_view text) {
    BULLPEN_TRY(auto out, OutFile::open(path));
    out.write(text);
    return out.finish();
}

}  // namespace bullpen::tools
