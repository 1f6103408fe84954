// Where a path leads, and through whose links.
#include "common/sandbox/open_paths.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tests/support/temporary.hpp"

namespace bullpen::sandbox {

namespace {

struct Scene {
    test::TemporaryDirectory directory;
    std::string theirs = directory.file("theirs");
    std::string ours = directory.file("ours");

    Scene() {
        std::filesystem::create_directories(theirs + "/below");
        std::filesystem::create_directories(ours);
        test::write_text(ours + "/file", "x");
    }
    [[nodiscard]] FoundPath find(const std::string& path) const {
        const std::vector<FileId> ids{file_id(open_path(theirs))};
        return find_path(path, ids);
    }
};

void link(const std::string& target, const std::string& at) {
    std::filesystem::create_symlink(target, at);
}

}  // namespace

TEST_CASE("a path without links is what it is called") {
    const Scene scene;
    const auto found = scene.find(scene.ours + "/file");
    CHECK(found.open.error == 0);
    CHECK_FALSE(found.open.is_directory);
    CHECK(found.real == scene.ours + "/file");
    CHECK(found.link.empty());
    CHECK(scene.find("/").real == "/");
    CHECK(scene.find(scene.ours + "/none").open.error == ENOENT);
    CHECK(scene.find(scene.ours + "/file/below").open.error == ENOTDIR);
}

TEST_CASE("a link that somebody else could not make is followed, and no matter") {
    const Scene scene;
    link("ours", scene.directory.file("short"));
    link(scene.directory.file("short"), scene.directory.file("long"));
    link("none", scene.directory.file("broken"));
    link("itself", scene.directory.file("itself"));
    const auto found = scene.find(scene.directory.file("long") + "//./file");
    CHECK(found.open.error == 0);
    CHECK(found.real == scene.ours + "/file");
    CHECK(found.link.empty());
    CHECK(scene.find(scene.directory.file("long") + "/../theirs").real == scene.theirs);
    CHECK(scene.find(scene.directory.file("broken")).open.error == ENOENT);
    CHECK(scene.find(scene.directory.file("itself")).open.error == ELOOP);
}

TEST_CASE("the first link in a directory of theirs, or below, is named, whatever leads there") {
    const Scene scene;
    link(scene.ours, scene.theirs + "/below/out");
    link("theirs", scene.directory.file("way"));
    link("way/below/out", scene.directory.file("far"));
    for (const auto& path :
         {scene.theirs + "/below/out/file", scene.directory.file("way") + "/below/out/file",
          scene.directory.file("far") + "/file"}) {
        CAPTURE(path);
        const auto found = scene.find(path);
        CHECK(found.real == scene.ours + "/file");
        CHECK(found.link == scene.theirs + "/below/out");
    }
    // What only passes by is theirs no more.
    link(scene.ours + "/again", scene.directory.file("round"));
    link("file", scene.ours + "/again");
    CHECK(scene.find(scene.directory.file("round")).link.empty());
}

}  // namespace bullpen::sandbox
