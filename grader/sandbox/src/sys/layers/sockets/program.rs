//! The program whose calls are answered: what it has in its memory, and its
//! descriptors. Both take the right to trace it.

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};

/// It.
#[derive(Debug)]
pub(super) struct Program {
    pid: u32,
    process: Option<OwnedFd>,
}

impl Program {
    pub(super) fn new(pid: u32) -> Program {
        Program {
            pid,
            process: crate::sys::open_process(pid),
        }
    }

    /// Another descriptor for what one of its descriptors is for.
    pub(super) fn descriptor(&self, number: u64) -> io::Result<OwnedFd> {
        let Some(process) = &self.process else {
            // It ended before it was looked at, or it cannot be had at all.
            return Err(io::Error::from_raw_os_error(libc::EPERM));
        };
        // The kernel looks at the lower half.
        let (number, no_flags) = (number as u32 as libc::c_int, 0 as libc::c_uint);
        // SAFETY: the call takes numbers and touches no memory.
        let descriptor =
            unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), number, no_flags) };
        let descriptor = match i32::try_from(descriptor) {
            Ok(descriptor) if descriptor >= 0 => descriptor,
            _ => return Err(io::Error::last_os_error()),
        };
        // SAFETY: the call above has opened it, and it belongs to nobody yet.
        Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
    }

    /// What lies in its memory from here on.
    pub(super) fn memory(&self, from: u64, bytes: &mut [u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        let here = libc::iovec {
            iov_base: bytes.as_mut_ptr().cast(),
            iov_len: bytes.len(),
        };
        let there = libc::iovec {
            iov_base: from as *mut libc::c_void,
            iov_len: bytes.len(),
        };
        // SAFETY: the call writes as many bytes as there are here, and only reads
        // the memory of the other process.
        let read = unsafe {
            libc::process_vm_readv(
                self.pid as libc::pid_t,
                &raw const here,
                1,
                &raw const there,
                1,
                0,
            )
        };
        match usize::try_from(read) {
            Ok(read) if read == bytes.len() => Ok(()),
            // The rest of it is not there.
            Ok(_) => Err(io::Error::from_raw_os_error(libc::EFAULT)),
            Err(_) => Err(io::Error::last_os_error()),
        }
    }
}
