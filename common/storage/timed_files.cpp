#include "common/storage/timed_files.hpp"

#include <utility>

namespace bullpen::storage {

namespace {

// What takes less is no wait that anybody would ask about.
constexpr Nanos k_worth_naming = Millis(10);

}  // namespace

template <class Call>
auto TimedFiles::timed(const char* what, const std::string& path, Call&& call) {
    const auto begin = clock_.mono();
    auto result = call();
    count(what, path, clock_.mono() - begin);
    return result;
}

void TimedFiles::count(const char* what, const std::string& path, Nanos took) {
    total_ += took;
    if (took < k_worth_naming || took <= slowest_took_)
        return;
    slowest_took_ = took;
    slowest_ = std::string(what) + " " + path.substr(path.find_last_of('/') + 1);
}

std::string TimedFiles::take_slowest() {
    slowest_took_ = {};
    return std::exchange(slowest_, {});
}

class TimedFiles::TimedFile final : public AppendFile {
  public:
    TimedFile(TimedFiles& files, std::unique_ptr<AppendFile> file, std::string path)
        : files_(files), file_(std::move(file)), path_(std::move(path)) {}

    Result<std::size_t> append(std::string_view data) override {
        return files_.timed("write", path_, [&] { return file_->append(data); });
    }
    Result<void> sync() override {
        return files_.timed("sync", path_, [&] { return file_->sync(); });
    }
    Result<void> truncate(std::uint64_t size) override {
        return files_.timed("truncate", path_, [&] { return file_->truncate(size); });
    }
    [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }

  private:
    TimedFiles& files_;
    std::unique_ptr<AppendFile> file_;
    std::string path_;
};

Result<std::unique_ptr<AppendFile>> TimedFiles::create(const std::string& path, mode_t mode) {
    BULLPEN_TRY(auto file, timed("create", path, [&] { return files_.create(path, mode); }));
    return std::make_unique<TimedFile>(*this, std::move(file), path);
}

Result<std::unique_ptr<AppendFile>> TimedFiles::open_append(const std::string& path, mode_t mode) {
    BULLPEN_TRY(auto file, timed("open", path, [&] { return files_.open_append(path, mode); }));
    return std::make_unique<TimedFile>(*this, std::move(file), path);
}

Result<std::string> TimedFiles::read(const std::string& path, std::size_t size_max) {
    return timed("read", path, [&] { return files_.read(path, size_max); });
}

Result<std::string> TimedFiles::read_tail(const std::string& path, std::size_t size_max) {
    return timed("read", path, [&] { return files_.read_tail(path, size_max); });
}

Result<FileStatus> TimedFiles::status(const std::string& path) {
    return timed("stat", path, [&] { return files_.status(path); });
}

Result<std::vector<std::string>> TimedFiles::list(const std::string& directory) {
    return timed("list", directory, [&] { return files_.list(directory); });
}

Result<void> TimedFiles::rename(const std::string& from, const std::string& to) {
    return timed("rename", to, [&] { return files_.rename(from, to); });
}

Result<void> TimedFiles::link(const std::string& existing, const std::string& name) {
    return timed("link", name, [&] { return files_.link(existing, name); });
}

Result<void> TimedFiles::remove(const std::string& path) {
    return timed("remove", path, [&] { return files_.remove(path); });
}

Result<void> TimedFiles::sync_directory(const std::string& directory) {
    return timed("sync", directory, [&] { return files_.sync_directory(directory); });
}

Result<void> TimedFiles::make_directories(const std::string& path, mode_t mode) {
    return timed("make", path, [&] { return files_.make_directories(path, mode); });
}

}  // namespace bullpen::storage
