// SimulatedDisk: a FileSystem in memory on which a test brings about what disks do: no space, short
// writes, failing syncs, and power cuts. It is as unkind as POSIX allows: after a power cut what
// was not synced may be there, in part or not at all, whatever order it was written in; a name that
// was made, renamed or removed and whose directory was not synced may have its old meaning or its
// new.
//
// Every operation that changes something is a step, counted from 0. A test runs once to learn how
// many steps there are, then again for each step with a fault there.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/random.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::test {

// Thrown at the step of a power cut: what runs then is gone, like the process.
struct PowerCut {};

class SimulatedDisk final : public storage::FileSystem {
  public:
    using Step = std::uint64_t;

    // The next operations from `step` on fail with `error`, `count` of them. Appends write half
    // before they fail when `short_writes` is set.
    void fail_at(Step step, int error, std::uint64_t count = 1, bool short_writes = true) {
        fault_ = Fault{step, step + count, error, short_writes};
    }
    void cut_power_at(Step step) { cut_at_ = step; }
    // Bytes that all files together may have.
    void set_capacity(std::uint64_t bytes) { capacity_ = bytes; }
    void clear_faults() {
        fault_.reset();
        cut_at_.reset();
        capacity_ = UINT64_MAX;
    }
    [[nodiscard]] Step steps() const { return steps_; }
    [[nodiscard]] std::uint64_t syncs() const { return syncs_; }
    [[nodiscard]] std::uint64_t used() const {
        std::map<const Inode*, std::uint64_t> sizes;
        for (const auto& [name, inode] : names_)
            sizes[inode.get()] = inode->content.size();
        std::uint64_t total = 0;
        for (const auto& [inode, size] : sizes)
            total += size;
        return total;
    }

    // What is left after the power came back, for this choice of what reached the platter.
    void restart(std::uint64_t seed) {
        SeededRandom random(seed);
        for (auto& [directory, changes] : pending_names_) {
            for (auto& [name, target] : changes) {
                if (random.chance(0.5))
                    put(durable_names_, name, target);
            }
        }
        pending_names_.clear();
        names_ = durable_names_;
        for (auto& [name, inode] : names_)
            settle(*inode, random);
        clear_faults();
    }

    // Changes a byte behind the back of whoever wrote it.
    void corrupt(const std::string& path, std::size_t at) {
        auto& content = names_.at(path)->content;
        content.at(at) = static_cast<char>(content.at(at) ^ 0x40);
    }
    void set_owner(std::uint32_t owner) { owner_ = owner; }
    void set_modified(const std::string& path, UtcTime when) { names_.at(path)->modified = when; }
    void put_file(const std::string& path, std::string content) {
        auto inode = std::make_shared<Inode>();
        inode->content = inode->durable = std::move(content);
        names_[path] = durable_names_[path] = std::move(inode);
    }
    [[nodiscard]] bool exists(const std::string& path) const { return names_.contains(path); }
    [[nodiscard]] std::string content(const std::string& path) const {
        return names_.at(path)->content;
    }

    Result<std::unique_ptr<storage::AppendFile>> create(const std::string& path,
                                                        mode_t /*mode*/) override {
        BULLPEN_CHECK(step("creating " + path));
        auto& inode = names_[path];
        if (inode == nullptr) {
            inode = std::make_shared<Inode>();
            note(path, inode);
        }
        inode->content.clear();
        return std::make_unique<File>(*this, inode);
    }

    Result<std::unique_ptr<storage::AppendFile>> open_append(const std::string& path,
                                                             mode_t /*mode*/) override {
        BULLPEN_CHECK(step("opening " + path));
        auto& inode = names_[path];
        if (inode == nullptr) {
            inode = std::make_shared<Inode>();
            note(path, inode);
        }
        return std::make_unique<File>(*this, inode);
    }

    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        const auto found = names_.find(path);
        if (found == names_.end())
            return missing(path);
        if (found->second->content.size() > size_max)
            return fail(Errc::too_large, path);
        return found->second->content;
    }

    Result<std::string> read_tail(const std::string& path, std::size_t size_max) override {
        const auto found = names_.find(path);
        if (found == names_.end())
            return missing(path);
        const auto& content = found->second->content;
        return content.substr(content.size() - std::min(content.size(), size_max));
    }

    Result<storage::FileStatus> status(const std::string& path) override {
        const auto found = names_.find(path);
        if (found == names_.end())
            return missing(path);
        return storage::FileStatus{found->second->content.size(), owner_, found->second->modified,
                                   false};
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        std::vector<std::string> found;
        for (const auto& [name, inode] : names_) {
            if (storage::directory_of(name) == directory)
                found.push_back(name.substr(directory.size() + 1));
        }
        return found;
    }

    Result<void> rename(const std::string& from, const std::string& to) override {
        BULLPEN_CHECK(step("renaming " + from));
        const auto found = names_.find(from);
        if (found == names_.end())
            return missing(from);
        auto inode = found->second;
        // As rename(2) has it: two names of one file stay two names of it.
        if (const auto other = names_.find(to); other != names_.end() && other->second == inode)
            return {};
        names_.erase(found);
        names_[to] = inode;
        note(to, inode);
        note(from, nullptr);
        return {};
    }

    Result<void> link(const std::string& existing, const std::string& name) override {
        BULLPEN_CHECK(step("linking " + existing));
        const auto found = names_.find(existing);
        if (found == names_.end())
            return missing(existing);
        if (names_.contains(name))
            return fail(Error::from_errno(EEXIST, "linking " + name));
        names_[name] = found->second;
        note(name, found->second);
        return {};
    }

    Result<void> remove(const std::string& path) override {
        BULLPEN_CHECK(step("removing " + path));
        if (names_.erase(path) == 0)
            return missing(path);
        note(path, nullptr);
        return {};
    }

    Result<void> sync_directory(const std::string& directory) override {
        BULLPEN_CHECK(step("syncing " + directory));
        ++syncs_;
        for (auto& [name, target] : pending_names_[directory])
            put(durable_names_, name, target);
        pending_names_.erase(directory);
        return {};
    }

    Result<void> make_directories(const std::string& /*path*/, mode_t /*mode*/) override {
        return {};
    }

  private:
    struct Inode {
        std::string content;
        std::string durable;
        UtcTime modified{};
    };
    using Names = std::map<std::string, std::shared_ptr<Inode>>;
    struct Fault {
        Step from;
        Step to;
        int error;
        bool short_writes;
    };

    class File final : public storage::AppendFile {
      public:
        File(SimulatedDisk& disk, std::shared_ptr<Inode> inode)
            : disk_(disk), inode_(std::move(inode)) {}

        Result<std::size_t> append(std::string_view data) override {
            const auto at = disk_.steps_;
            if (disk_.cut_at_ == at) {
                // Any part of the write may have been done.
                inode_->content += data.substr(0, data.size() / 2);
                throw PowerCut{};
            }
            const auto stepped = disk_.step("appending");
            const auto room = disk_.capacity_ - std::min(disk_.capacity_, disk_.used());
            if (!stepped) {
                if (!disk_.fault_->short_writes || data.size() < 2)
                    return fail(stepped.error());
                data = data.substr(0, data.size() / 2);
            } else if (data.size() > room) {
                if (room == 0)
                    return fail(Error::from_errno(ENOSPC, "appending"));
                data = data.substr(0, room);
            }
            inode_->content += data;
            return data.size();
        }

        Result<void> sync() override {
            BULLPEN_CHECK(disk_.step("syncing"));
            ++disk_.syncs_;
            inode_->durable = inode_->content;
            return {};
        }

        Result<void> truncate(std::uint64_t size) override {
            BULLPEN_CHECK(disk_.step("truncating"));
            inode_->content.resize(size);
            return {};
        }

        [[nodiscard]] Result<std::uint64_t> size() const override { return inode_->content.size(); }

      private:
        SimulatedDisk& disk_;
        std::shared_ptr<Inode> inode_;
    };

    static Unexpected missing(const std::string& path) {
        return fail(Error::from_errno(ENOENT, path));
    }

    Result<void> step(const std::string& doing) {
        const auto at = steps_++;
        if (cut_at_ == at)
            throw PowerCut{};
        if (fault_ && at >= fault_->from && at < fault_->to)
            return fail(Error::from_errno(fault_->error, doing));
        return {};
    }

    void note(const std::string& name, std::shared_ptr<Inode> target) {
        pending_names_[storage::directory_of(name)][name] = std::move(target);
    }

    static void put(Names& names, const std::string& name, const std::shared_ptr<Inode>& target) {
        if (target == nullptr)
            names.erase(name);
        else
            names[name] = target;
    }

    // Of what was not synced: all, nothing, a part, or a part with rubbish in it.
    static void settle(Inode& inode, SeededRandom& random) {
        auto& content = inode.content;
        const auto& durable = inode.durable;
        if (content == durable)
            return;
        std::size_t common = 0;
        while (common < std::min(content.size(), durable.size()) &&
               content[common] == durable[common]) {
            ++common;
        }
        const auto choice = random.below(4);
        if (choice == 0) {
            content = durable;
        } else if (choice == 1 && content.size() > common) {
            content.resize(common + random.below(content.size() - common + 1));
        } else if (choice == 2 && content.size() > common) {
            const auto at = common + random.below(content.size() - common);
            for (auto i = at; i < content.size() && i < at + 16; ++i)
                content[i] = '\0';
        }
        inode.durable = content;
    }

    Names names_;          // as the running system sees them
    Names durable_names_;  // as they are on the platter
    std::map<std::string, Names> pending_names_;
    Step steps_ = 0;
    std::uint64_t syncs_ = 0;
    std::optional<Fault> fault_;
    std::optional<Step> cut_at_;
    std::uint64_t capacity_ = UINT64_MAX;
    std::uint32_t owner_ = ::geteuid();
};

}  // namespace bullpen::test
