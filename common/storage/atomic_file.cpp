#include "common/storage/atomic_file.hpp"

#include "common/base/errc.hpp"

namespace bullpen::storage {

namespace {

// A name for the link that becomes the previous file.
std::string link_of(const std::string& path) {
    return path + ".link";
}

Result<void> remove_if_there(FileSystem& files, const std::string& path) {
    auto removed = files.remove(path);
    if (!removed && !is_missing(removed.error()))
        return removed;
    return {};
}

Result<void> write_durably(FileSystem& files, const std::string& path, std::string_view content,
                           mode_t mode) {
    BULLPEN_TRY(const auto file, files.create(path, mode));
    while (!content.empty()) {
        BULLPEN_TRY(const auto written, file->append(content));
        if (written == 0)
            return fail(std::make_error_code(std::errc::no_space_on_device), "writing " + path);
        content.remove_prefix(written);
    }
    return file->sync();
}

// A second name for the current file, then that name over the previous one: so that neither name
// is ever missing. The link is removed first because renaming one name of a file over another name
// of the same file does nothing, and a crash may have left just that.
Result<void> keep_previous(FileSystem& files, const std::string& path) {
    BULLPEN_CHECK(remove_if_there(files, link_of(path)));
    auto linked = files.link(path, link_of(path));
    if (!linked) {
        if (is_missing(linked.error()))
            return {};
        return linked;
    }
    return files.rename(link_of(path), previous_of(path));
}

}  // namespace

Result<void> replace_file(FileSystem& files, const std::string& path, std::string_view content,
                          const ReplaceOptions& options) {
    const auto temporary = temporary_of(path);
    if (auto written = write_durably(files, temporary, content, options.mode); !written) {
        // A full disk must get the space back; a failure to remove changes nothing.
        (void)files.remove(temporary);
        return fail(written.error().wrap("replacing " + path));
    }
    if (options.keep_previous) {
        if (auto kept = keep_previous(files, path); !kept) {
            (void)files.remove(temporary);
            return fail(kept.error().wrap("replacing " + path));
        }
    }
    BULLPEN_CHECK(files.rename(temporary, path));
    return files.sync_directory(directory_of(path));
}

std::string previous_of(const std::string& path) {
    return path + ".previous";
}

std::string temporary_of(const std::string& path) {
    return path + ".tmp";
}

}  // namespace bullpen::storage
